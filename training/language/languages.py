"""The languages the identifier names, and where the text of each is found.

A label is ISO 639-3 code, hyphen, ISO 15924 script. Columns: Lingua's crate name, MediaWiki's codes, the locale names
of message catalogues and CLDR, and Tesseract's model names. Where MediaWiki or a catalogue writes several scripts under one
code, the corpus builder keeps only text in the label's script. Cebuano does without Tesseract's dictionary: it is names of species.
"""

_TABLE = """
afr-Latn afrikaans af af afr
sqi-Latn albanian sq sq sqi
aze-Latn azerbaijani az az aze
eus-Latn basque eu eu eus
bos-Latn bosnian bs bs bos
bre-Latn - br br bre
cat-Latn catalan ca ca,ca@valencia cat
ceb-Latn - ceb ceb -
ces-Latn czech cs cs ces
cos-Latn - co co cos
cym-Latn welsh cy cy cym
dan-Latn danish da da dan
deu-Latn german de,de-formal,de-at de,de_DE deu
eng-Latn english en,en-gb en_GB,en_CA,en eng
epo-Latn esperanto eo eo epo
est-Latn estonian et et est
fao-Latn - fo fo fao
fil-Latn tagalog tl,fil tl,fil fil
fin-Latn finnish fi fi fin
fra-Latn french fr fr fra
fry-Latn - fy fy,fy_NL fry
gla-Latn - gd gd gla
gle-Latn irish ga ga gle
glg-Latn - gl gl glg
hat-Latn - ht ht hat
hau-Latn - ha ha -
hrv-Latn croatian hr hr hrv
hun-Latn hungarian hu hu hun
ibo-Latn - ig ig -
ind-Latn indonesian id id ind
isl-Latn icelandic is is isl
ita-Latn italian it it ita
jav-Latn - jv jv jav
kmr-Latn - ku-latn,kmr ku,kmr,kmr@latin kmr
lat-Latn latin la la lat
lav-Latn latvian lv lv lav
lit-Latn lithuanian lt lt lit
ltz-Latn - lb lb ltz
mlg-Latn - mg mg -
mlt-Latn - mt mt mlt
mri-Latn maori mi mi mri
msa-Latn malay ms ms,ms_MY msa
nld-Latn dutch nl nl nld
nor-Latn bokmal,nynorsk nb,nn nb,nn,nb_NO,no nor
oci-Latn - oc oc oci
pol-Latn polish pl pl pol
por-Latn portuguese pt,pt-br pt,pt_BR,pt_PT por
que-Latn - qu qu que
ron-Latn romanian ro ro,ro_MD ron
slk-Latn slovak sk sk slk
slv-Latn slovene sl sl slv
som-Latn somali so so -
spa-Latn spanish es,es-formal,es-419 es,es_MX spa
srp-Latn serbian sr-el sr@latin,sr@Latn srp_latn
sun-Latn - su su sun
swa-Latn swahili sw sw swa
swe-Latn swedish sv sv swe
ton-Latn - to to ton
tur-Latn turkish tr tr tur
uzb-Latn - uz uz uzb
vie-Latn vietnamese vi vi vie
xho-Latn xhosa xh xh -
yor-Latn yoruba yo yo yor
zul-Latn zulu zu zu -
aze-Cyrl azerbaijani az az aze_cyrl
bel-Cyrl belarusian be,be-tarask be bel
bul-Cyrl bulgarian bg bg bul
kaz-Cyrl kazakh kk-cyrl kk kaz
kir-Cyrl - ky ky kir
mkd-Cyrl macedonian mk mk mkd
mon-Cyrl mongolian mn mn mon
rus-Cyrl russian ru ru rus
srp-Cyrl serbian sr-ec sr srp
tat-Cyrl - tt-cyrl tt tat
tgk-Cyrl - tg-cyrl tg tgk
ukr-Cyrl ukrainian uk uk ukr
uzb-Cyrl - uz,uz-cyrl uz,uz@cyrillic uzb_cyrl
ara-Arab arabic ar ar,ar_SA ara
fas-Arab persian fa fa fas
urd-Arab urdu ur ur urd
pus-Arab - ps ps pus
snd-Arab - sd sd snd
uig-Arab - ug-arab ug uig
ckb-Arab - ckb ckb -
hin-Deva hindi hi hi hin
mar-Deva marathi mr mr mar
nep-Deva - ne ne nep
san-Deva - sa sa san
heb-Hebr hebrew he he heb
yid-Hebr - yi yi yid
amh-Ethi - am am,am_ET amh
tir-Ethi - ti ti tir
ben-Beng bengali bn bn,bn_IN,bn_BD ben
asm-Beng - as as asm
bod-Tibt - bo bo bod
dzo-Tibt - dz dz dzo
ell-Grek greek el el ell
grc-Grek - grc grc grc
"""


def _column(text):
    return [] if text == "-" else text.split(",")


LANGUAGES = {}
for _row in _TABLE.split("\n"):
    if _row:
        _label, *_columns = _row.split()
        LANGUAGES[_label] = dict(zip(("lingua", "mediawiki", "locale", "tesseract"), map(_column, _columns)))

LABELS = list(LANGUAGES)
SCRIPTS = sorted({label[4:] for label in LABELS})
