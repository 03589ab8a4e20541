"""What we know of Chinese questions before any tenant writes one.

A change here changes what the index holds: raise `RECIPE` in `index_file.py` with it.
"""

# Words that tell little about what a question is about. In a small collection they may be rare, so that their
# frequency alone would make them weigh as much as a product's name.
FUNCTION_WORDS = frozenset(
    """
    怎么 怎样 怎么样 怎么办 如何 什么 什么时候 啥 为什么 为啥 咋 怎么回事 哪 哪里 哪儿 哪个 在哪 多少 多久 多长 几 谁
    吗 呢 吧 啊 呀 哦 嘛 么 啦 了 的 地 得 着 过 是 不是 没有 没 有没 有 不 可以 可不 能 能不 不能 能否 会 会不 不会
    要 要不 不要 想 我想 我要 需要 应该 必须 我 你 您 他 她 它 我们 你们 您们 他们 咱们 自己 别人 这 那 这个 那个 这里
    那里 这样 那样 这种 那种 这款 这些 那些 就 才 都 也 还 又 再 还是 还有 已经 正在 刚 刚才 刚刚 一直 一下 一个 一次
    一些 一点 有点 很 太 非常 真 更 最 和 跟 与 或 或者 但 但是 可是 不过 因为 所以 如果 要是 那么 然后 之后 以后 之前
    以前 后 前 里 里面 上 上面 下 下面 中 在 从 到 对 给 把 被 让 叫 用 使用 为 向 于 请 请问 麻烦 帮 帮我 帮忙 谢谢
    你好 您好 亲 好 好的 行 行不 不行 好不 不好 可 来 去 说 看 看看 问 问一 知道 觉得 东西 事 事情 问题 情况 时候 今天
    明天 昨天 现在 目前 一般 一定 弄 搞 做 操作 呗 哈 嗯 呃 哎 诶 之 其 个 些 种 样 次 点 本 该 此 需 们
    """.split()  # noqa: SIM905 - a list of 250 quoted words is no easier to read
)

# Other ways to say or to write the first word of the line, true in any trade. A tenant's own synonyms are similar
# questions of its articles.
_VARIANTS = """
怎么 如何 怎样 咋
怎么办 咋办 咋整 怎么弄 怎么搞
怎么回事 咋回事
什么 啥
什么时候 啥时候 何时
为什么 为啥 为何
多久 多长时间
哪里 哪儿 什么地方 啥地方
账号 账户 帐号 帐户
手机号 手机号码
优惠券 优惠卷
退款 退钱
付款 付钱 支付
运费 邮费 快递费
物流 快递
发货 寄出 发出
取消订单 撤单
"""

VARIANTS = {word: line.split()[0] for line in _VARIANTS.strip().splitlines() for word in line.split()}
