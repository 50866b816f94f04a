"""Small texts of customers for the tests of search."""

TEXTS = {
    "f01": "物流太慢了，等了一个星期才到",
    "f02": "快递慢，物流信息也不更新",
    "f03": "物流很快，第二天就到了，包装完好",
    "f04": "质量很好，宝宝很喜欢，会回购",
    "f05": "质量差，用了两天就坏了",
    "f06": "客服态度不好，退款拖了半个月",
    "f07": "价格实惠，比超市便宜",
    "f08": "咖啡味道香浓，提神",
    "f09": "衣服尺码偏小，颜色有色差",
    "f10": "面霜很滋润，但是味道有点刺鼻",
    "f11": "Slow delivery, it took two weeks to arrive",
    "f12": "Deliveries are always slow these days",
    "f13": "Fast delivery and careful packaging",
    "f14": "Great quality, my baby loves it",
    "f15": "Customer service was rude and the refund took a month",
    "f16": "The coffee tastes burnt",
    "f17": "Shoes run small, order a size up",
    "f18": "Good value for money",
    "f19": "物流慢 but the quality is great",
    "f20": "👍👍👍",
}
