-- Masks what reaches a person out of free text: e-mails, phones, identity and card numbers, WeChat
-- names. Digits may be full-width; runs of nine or more digits are never needed to understand a
-- complaint, so that all of them go.

CREATE MACRO masked(text) AS
    regexp_replace(
    regexp_replace(
    regexp_replace(
    regexp_replace(
    regexp_replace(
        text,
        '[A-Za-z0-9._%+-]+\s*[@＠]\s*[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+', '[email]', 'g'),
        '((微信|微信号|wechat|weixin|vx|wx|V信|薇信)\s*(号|id|ID)?\s*[:：是]?\s*)[A-Za-z][A-Za-z0-9_-]{5,19}',
        '\1[id]', 'g'),
        '[0-9０-９]{17}[0-9０-９XxＸｘ]', '[id]', 'g'),
        '([+＋][0-9０-９]{1,3}[ -]?)?\(?[0-9０-９]{2,4}\)?[ -]?[0-9０-９]{3,4}[ -]?[0-9０-９]{4}|[+＋][0-9０-９]{1,3}([ -]?[0-9０-９]{2,5}){2,4}',
        '[phone]', 'g'),
        '[0-9０-９]{9,}', '[id]', 'g');

CREATE MACRO language_of(text) AS
    CASE WHEN regexp_matches(text, '[\x{4E00}-\x{9FFF}]') THEN 'zh'
         WHEN regexp_matches(text, '[A-Za-z]') THEN 'en' END;
