-- Where one server holds all slots: the next job of whichever tenant waited longest, in one step.
-- include _tenants
-- include _lend
local TRIES = 100 -- tenants of whom nothing is due after all

-- What lend answers, with the corp ID first and at the end in how many ms something is due next (-1: nothing is); or
-- only this. Tenants in the set `without`, of that many, are passed over.
local function lend_next(token, length_of_lease, without, many)
  for _ = 1, TRIES do
    local picked = next_tenant(without, many)
    if #picked == 1 then
      return picked
    end
    T = 'wb:{' .. picked[1] .. '}:'
    local got = lend(token, length_of_lease)
    rest(picked[1], picked[2], got[1])
    if #got > 1 then
      got[1] = picked[1]
      got[#got + 1] = next_tenant(without, many, true)[1]
      return got
    end
  end
  return {0}
end

-- What is left to do at the end of a lease: tell of what is due in its mailbox, and lend the same worker what is next.
-- Answers {when the mailbox is due} where that could not be told, or {0} and then what lend_next answers. `token` is ''
-- where nothing more is to be lent.
local function onward(due, token, length_of_lease, without, many)
  if not DUE then
    return {due}
  end
  if due > 0 then
    note_work(string.sub(T, 5, -3), due)
  end
  local got = token ~= '' and lend_next(token, length_of_lease, without, many) or {}
  local soon = next_tenant({}, 0, true)[1]
  if due > 0 and soon >= 0 and soon <= NAP then
    wake_one() -- somebody else may do it sooner
  end
  table.insert(got, 1, 0)
  return got
end
