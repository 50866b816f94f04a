"""Chinese words that carry a sentence, by which a mixed text is known as Chinese."""

_TEXT = """
的 了 吗 呢 吧 啊 是 在 有 和 与 跟 或 及 比 被 把 从 到 给 对 按 每 各 哪 谁 什么 怎么 怎样
如何 为什么 为何 多少 几个 几 哪些 这 那 不 没 都 也 就 还 只 看看 看下 请 帮我 帮 我 你 他们 咱
最 前 近 过去 上个 上周 上月 去年 今年 本月 本周 昨天 今天 以上 以下 超过 之间 占 分别 一下 谢谢
"""
FUNCTION_WORDS = tuple(_TEXT.split())
