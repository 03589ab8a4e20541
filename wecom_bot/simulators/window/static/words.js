// Every word of the page, in both languages; the choice is remembered.

const KEPT = "wecom-bot-window-language";

const WORDS = {
  title: ["客户窗口", "Customer window"],
  note: ["演示环境：企业微信是模拟的，机器人是真的。", "A demo: WeCom is simulated, the bot is real."],
  people: ["客户列表", "Customers"],
  chat: ["聊天", "Chat"],
  log: ["聊天记录", "Messages"],
  openers: ["试试这样问", "Things to ask"],
  newcomer: ["＋ 换一位客户", "＋ Another customer"],
  newcomer_title: ["以哪位客户的身份聊天？", "Who do you want to be?"],
  company: ["企业", "Company"],
  channel: ["从哪里进来", "Through"],
  customer: ["客户名", "Customer"],
  customer_hint: ["例如：小林", "for example: Lin"],
  begin: ["开始聊天", "Start"],
  cancel: ["取消", "Cancel"],
  close: ["关闭", "Close"],
  send: ["发送", "Send"],
  compose: ["输入您的问题，回车发送", "Type a question, Enter sends"],
  away: ["连接断开了，正在重试 ……", "The connection is lost, trying again …"],
  failed: ["没有发出去，点此重发", "Not sent, click to try again"],
  typing: ["对方正在输入", "typing"],
  guest: ["访客", "Guest"],
  silent: ["没有发言", "silent"],
  silent_by: ["人工接待中，机器人没有发言", "A servicer attends: the bot stayed silent"],
  nothing_yet: ["说句话，这里就会显示机器人是怎么想的：", "Say something, and see here how the bot thought:"],
  nothing_yet_more: [
    "回调 → 意图 → 槽位 → 知识 → 回答 → 状态，还有每一步的耗时",
    "callback → intent → slots → knowledge → answer → state, and the time of each step",
  ],
  greeting: ["您正在以“{}”的身份和{}聊天", "You are “{}”, talking to {}"],
  thinking: ["还在想 ……", "thinking …"],
  as: ["您是", "You are"],
  kf: ["微信客服", "WeChat kf"],
  app: ["自建应用", "Own app"],
  attended_bot: ["机器人接待", "Bot"],
  attended_queue: ["排队等人工", "In the queue"],
  attended_servicer: ["人工接待", "Servicer"],
  turn: ["这一回合", "The turn"],
  turn_short: ["回合", "Turn"],
  see_turn: ["看这一回合", "See the turn"],
  copy: ["复制", "Copy"],
  copied: ["已复制", "Copied"],
  trace: ["追踪号", "Trace id"],
  callback: ["回调", "Callback"],
  no_callback: ["没有回调", "No callback"],
  delivery_pending: ["投递中", "under way"],
  delivery_held: ["扣住了", "held"],
  delivery_swallowed: ["没有投递", "not sent"],
  delivery_acknowledged: ["已应答", "acknowledged"],
  delivery_given_up: ["已放弃", "given up"],
  attempt: ["第 {} 次", "try {}"],
  intent: ["意图", "Intent"],
  by: ["识别者", "by"],
  intent_skipped: ["这一回合用不着", "not needed in this turn"],
  intent_fallback: ["没有认出", "none recognised"],
  recognizer_rules: ["规则", "rules"],
  recognizer_http: ["企业自己的 NLU", "tenant's NLU"],
  recognizer_dialog: ["上文（接着刚才的话）", "the dialog so far"],
  recognizer_coze_workflow: ["Coze 工作流", "Coze workflow"],
  slots: ["槽位", "Slots"],
  asking: ["正在问", "asking for"],
  heard: ["本轮说的", "said now"],
  asked_times: ["第 {} 次", "time {}"],
  passages: ["知识", "Knowledge"],
  search_hybrid: ["字词＋语义", "words and meaning"],
  search_lexical: ["只按字词", "words alone"],
  share_words: ["字词", "words"],
  share_meaning: ["语义", "meaning"],
  matched: ["匹配的说法", "matched"],
  answer: ["回答", "Answer"],
  answerer_article: ["知识库", "Article"],
  answerer_menu: ["反问菜单", "Did you mean"],
  answerer_phrase: ["固定话术", "Phrase"],
  answerer_question: ["追问", "Question"],
  answerer_order: ["订单", "Order"],
  answerer_query: ["业务查询", "Query"],
  answerer_courtesy: ["客气话", "Courtesy"],
  answerer_coze: ["Coze", "Coze"],
  answerer_nobody: ["无", "Nobody"],
  handoff: ["转人工", "Handoff"],
  handoff_asked: ["客户要求", "asked for"],
  handoff_complaint: ["客户要投诉", "the customer complains"],
  handoff_given_up: ["机器人没能答上", "the bot gave up"],
  handoff_misses: ["连续没答上", "misses in a row"],
  handoff_late: ["等得太久", "waited too long"],
  handoff_promised: ["扣子答应了转人工", "Coze promised it"],
  handoff_rule: ["企业的规则", "the tenant's rules"],
  parts: ["共 {} 段", "{} parts"],
  together: ["一起回答", "Answered together"],
  together_of: ["连发的 {} 条", "{} messages in a row"],
  state: ["对话状态", "Dialog state"],
  session: ["会话", "Session"],
  attendant: ["接待", "Attendant"],
  misses: ["连续没答上", "Misses in a row"],
  offered: ["给出的选项", "Offered"],
  goal: ["进行中的意图", "Current intent"],
  writer_memory: ["Coze 会话", "Coze conversation"],
  time: ["耗时", "Time"],
  way_callback: ["回调", "callback"],
  way_wait: ["排队取信", "queue"],
  way_think: ["思考", "thinking"],
  way_deliver: ["等后话、送达", "wait for more, send"],
  stages: ["思考的每一步", "Each stage"],
  none: ["无", "none"],
  ReadMedia: ["看图听音", "read media"],
  GoOn: ["接着说", "go on"],
  HandOffTopic: ["要由人答的话题", "a topic for people?"],
  HandOffIntent: ["要由人答的意图", "an intent for people?"],
  HearWish: ["投诉和留言", "complaints and messages"],
  TakeMessage: ["记下留言", "take a message"],
  CallAfterMisses: ["连续没答上", "misses in a row?"],
  KeepPromise: ["答应了转人工吗", "a promise to keep?"],
  SpeakPlainly: ["写成平常文字", "plain text"],
  AddressByName: ["称呼昵称", "address by name"],
  DeclineUnreadable: ["看不了的消息", "unreadable?"],
  AskForHuman: ["要人工吗", "wants a human?"],
  ScreenWords: ["敏感词", "word filter"],
  ResolveChoice: ["菜单选择", "menu choice"],
  AnswerCourtesy: ["客气话", "courtesy"],
  AnswerEach: ["一条几问", "several questions"],
  RecallAnswer: ["刚答过", "answered just now?"],
  KeepAnswer: ["留给别人", "kept for others"],
  MarkAsAi: ["AI 标注", "AI mark"],
  RecognizeIntent: ["识别意图", "recognise intent"],
  FindKnowledge: ["检索知识", "find knowledge"],
  ComposeReply: ["组织回答", "compose reply"],
  TrackState: ["跟踪状态", "track state"],
  AskForSlot: ["追问槽位", "ask for a slot"],
  AnswerOrder: ["查订单", "look up the order"],
  AnswerQuery: ["查业务库", "ask the business database"],
  FillTemplate: ["填模板", "fill the template"],
  MaskPersonalData: ["个人信息脱敏", "mask personal data"],
};

const listeners = new Set();
let language = kept();

function kept() {
  try {
    const found = localStorage.getItem(KEPT);
    if (found === "zh" || found === "en") return found;
  } catch { /* storage may be switched off */ }
  return "zh";
}

export const current = () => language;

export function word(key, ...values) {
  const said = WORDS[key];
  let text = said ? said[language === "en" ? 1 : 0] : key;
  for (const value of values) text = text.replace("{}", value);
  return text;
}

// The word for a name that the bot made up: the name itself where we have none.
export const named = (prefix, name) => (WORDS[prefix + name] ? word(prefix + name) : name);

export function toggle() {
  language = language === "en" ? "zh" : "en";
  try {
    localStorage.setItem(KEPT, language);
  } catch { /* then it is not remembered */ }
  listeners.forEach((listen) => listen());
}

export function onChange(listen) {
  listeners.add(listen);
  listen();
}

// Words that stand in the page itself.
export function fill() {
  document.documentElement.lang = language === "en" ? "en" : "zh-CN";
  document.title = word("title");
  for (const each of document.querySelectorAll("[data-word]")) each.textContent = word(each.dataset.word);
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", word(each.dataset.label));
  for (const each of document.querySelectorAll("[data-hint]")) each.placeholder = word(each.dataset.hint);
}
