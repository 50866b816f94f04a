-- Masks what reaches a person out of free text. Digits may be full-width, and written in groups.
-- From the surest form to the vaguest: e-mail, WeChat name, identity or bank card, any long number,
-- mobile, number with country or area code, and what is left of nine digits or more.

CREATE MACRO masked_names(text) AS
    regexp_replace(
    regexp_replace(text,
        '[A-Za-z0-9._%+-]+\s*[@＠]\s*[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+', '[email]', 'g'),
        '((微信|薇信|wechat|weixin|WeChat|V信|vx|VX|wx)\s*(号|id|ID)?\s*[:：是]?\s*)[A-Za-z][A-Za-z0-9_-]{5,19}',
        '\1[id]', 'g');

CREATE MACRO masked(text) AS
    regexp_replace(
    regexp_replace(
    regexp_replace(
    regexp_replace(
    regexp_replace(masked_names(text),
        '[0-9０-９]{4}([ -][0-9０-９]{4}){3,4}|[0-9０-９]{17}[XxＸｘ]|[0-9０-９]{14,}', '[id]', 'g'),
        '([+＋]?[8８][6６][ -]?)?[1１][3-9３-９][0-9０-９]([ -]?[0-9０-９]{4}){2}', '[phone]', 'g'),
        '[+＋][0-9０-９]{1,3}([ -]?[0-9０-９]{2,5}){2,4}', '[phone]', 'g'),
        '[(（]?[0０][0-9０-９]{2,3}[)）]?[ -][0-9０-９]{7,8}|[(（]?[0-9０-９]{3}[)）]?[ -][0-9０-９]{3}[ -][0-9０-９]{4}',
        '[phone]', 'g'),
        '[0-9０-９]{9,}', '[id]', 'g');

-- The language of a text by its script: Chinese characters make it Chinese, even among Latin names.
CREATE MACRO language_of(text) AS
    CASE WHEN regexp_matches(text, '[\x{4E00}-\x{9FFF}]') THEN 'zh'
         WHEN regexp_matches(text, '[A-Za-z]') THEN 'en' END;
