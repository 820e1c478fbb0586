//! The weights on sentences about the weather, and on what recognition does to them.

use ocr_chat_langid::{Guess, Identifier};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const WEIGHTS: &[u8] = include_bytes!("../models/languages.bin");

#[rustfmt::skip]
const WEATHER: &[(&str, &str, &str)] = &[
    ("afr", "Latn", "Môre sal dit in die berge reën, maar by die see skyn die son en die wind sal swak wees."),
    ("sqi", "Latn", "Nesër do të bjerë shi në male, por pranë detit do të ketë diell dhe era do të jetë e dobët."),
    ("aze", "Latn", "Sabah dağlarda yağış yağacaq, amma dəniz kənarında hava günəşli olacaq və külək zəif əsəcək."),
    ("eus", "Latn", "Bihar euria egingo du mendietan, baina itsasoaren ondoan eguzkia izango da eta haizea ahula izango da."),
    ("bre", "Latn", "Warc'hoazh e vo glav er menezioù, met war an aod e vo heol hag an avel ne vo ket kreñv."),
    ("cat", "Latn", "Demà plourà a les muntanyes, però vora el mar farà sol i el vent serà fluix tot el dia."),
    ("ces", "Latn", "Zítra bude na horách pršet, ale u moře bude svítit slunce a vítr bude jen slabý."),
    ("cym", "Latn", "Bydd hi'n bwrw glaw yn y mynyddoedd yfory, ond bydd yr haul yn tywynnu ar lan y môr."),
    ("deu", "Latn", "Morgen regnet es in den Bergen, aber am Meer scheint die Sonne und der Wind weht nur schwach."),
    ("eng", "Latn", "Tomorrow it will rain in the mountains, but by the sea the sun will shine and the wind will be weak."),
    ("epo", "Latn", "Morgaŭ pluvos en la montoj, sed ĉe la maro brilos la suno kaj la vento estos malforta."),
    ("est", "Latn", "Homme sajab mägedes vihma, aga mere ääres paistab päike ja tuul on nõrk."),
    ("fin", "Latn", "Huomenna vuorilla sataa vettä, mutta meren rannalla paistaa aurinko ja tuuli on heikkoa."),
    ("fra", "Latn", "Demain il pleuvra dans les montagnes, mais au bord de la mer le soleil brillera et le vent sera faible."),
    ("gle", "Latn", "Beidh sé ag cur báistí sna sléibhte amárach, ach beidh an ghrian ag taitneamh cois farraige."),
    ("glg", "Latn", "Mañá choverá nas montañas, pero á beira do mar haberá sol e o vento será moi frouxo."),
    ("hat", "Latn", "Demen lapli pral tonbe nan mòn yo, men bò lanmè a solèy la ap klere epi van an pap fò."),
    ("hun", "Latn", "Holnap a hegyekben esni fog, de a tengerparton süt majd a nap, és gyenge lesz a szél."),
    ("isl", "Latn", "Á morgun rignir á fjöllum, en við sjóinn skín sólin og vindurinn verður hægur."),
    ("ita", "Latn", "Domani pioverà in montagna, ma vicino al mare ci sarà il sole e il vento sarà debole."),
    ("lav", "Latn", "Rīt kalnos līs lietus, bet pie jūras spīdēs saule un vējš būs vājš."),
    ("lit", "Latn", "Rytoj kalnuose lis, bet prie jūros švies saulė, o vėjas bus silpnas."),
    ("mlt", "Latn", "Għada se tagħmel ix-xita fuq il-muntanji, imma ħdejn il-baħar ix-xemx se tkun qed tiddi."),
    ("nld", "Latn", "Morgen gaat het in de bergen regenen, maar aan zee schijnt de zon en is de wind zwak."),
    ("nor", "Latn", "I morgen blir det regn i fjellet, men ved sjøen skinner sola, og vinden blir ganske svak."),
    ("pol", "Latn", "Jutro w górach będzie padać deszcz, ale nad morzem zaświeci słońce, a wiatr będzie słaby."),
    ("por", "Latn", "Amanhã vai chover nas montanhas, mas à beira do mar fará sol e o vento não será forte."),
    ("ron", "Latn", "Mâine va ploua la munte, dar pe malul mării va fi soare și vântul va bate slab."),
    ("slk", "Latn", "Zajtra bude v horách pršať, ale pri mori bude svietiť slnko a vietor bude iba slabý."),
    ("slv", "Latn", "Jutri bo v gorah deževalo, ob morju pa bo sijalo sonce in veter bo šibek."),
    ("spa", "Latn", "Mañana lloverá en las montañas, pero junto al mar hará sol y el viento será muy suave."),
    ("swa", "Latn", "Kesho mvua itanyesha milimani, lakini pwani jua litawaka na upepo utakuwa wa polepole."),
    ("swe", "Latn", "I morgon regnar det i fjällen, men vid havet skiner solen och vinden blir svag."),
    ("tur", "Latn", "Yarın dağlarda yağmur yağacak, ama deniz kıyısında güneş açacak ve rüzgâr hafif esecek."),
    ("uzb", "Latn", "Ertaga tog‘larda yomg‘ir yog‘adi, lekin dengiz bo‘yida quyosh chiqadi va shamol kuchsiz bo‘ladi."),
    ("vie", "Latn", "Ngày mai trời sẽ mưa trên núi, nhưng ở gần biển trời nắng và gió sẽ nhẹ."),
    ("yor", "Latn", "Lọ́la òjò yóò rọ̀ ní orí òkè, ṣùgbọ́n oòrùn yóò ràn ní etí òkun, afẹ́fẹ́ kò sì ní le."),
    ("bel", "Cyrl", "Заўтра ў гарах будзе дождж, але каля мора будзе свяціць сонца, а вецер будзе слабы."),
    ("bul", "Cyrl", "Утре в планините ще вали дъжд, но край морето ще грее слънце и вятърът ще бъде слаб."),
    ("kaz", "Cyrl", "Ертең тауда жаңбыр жауады, бірақ теңіз жағасында күн ашық болып, жел баяу соғады."),
    ("mkd", "Cyrl", "Утре во планините ќе врне дожд, но покрај морето ќе сјае сонце и ветрот ќе биде слаб."),
    ("mon", "Cyrl", "Маргааш ууланд бороо орно, харин далайн эрэгт нарлаг байж, салхи зөөлөн салхилна."),
    ("rus", "Cyrl", "Завтра в горах будет дождь, но у моря будет светить солнце, а ветер будет слабым."),
    ("srp", "Cyrl", "Сутра ће у планинама падати киша, али ће поред мора сијати сунце и ветар ће бити слаб."),
    ("ukr", "Cyrl", "Завтра в горах буде дощ, але біля моря світитиме сонце, а вітер буде слабким."),
    ("ara", "Arab", "غدا ستمطر السماء في الجبال ولكن الشمس ستشرق قرب البحر وستكون الرياح خفيفة"),
    ("fas", "Arab", "فردا در کوهستان باران می‌بارد اما کنار دریا هوا آفتابی است و باد ملایمی می‌وزد"),
    ("urd", "Arab", "کل پہاڑوں میں بارش ہوگی لیکن سمندر کے کنارے دھوپ نکلے گی اور ہوا ہلکی رہے گی"),
    ("hin", "Deva", "कल पहाड़ों में बारिश होगी, लेकिन समुद्र के किनारे धूप निकलेगी और हवा धीमी रहेगी।"),
    ("mar", "Deva", "उद्या डोंगरात पाऊस पडेल, पण समुद्राजवळ ऊन असेल आणि वारा मंद असेल."),
    ("nep", "Deva", "भोलि पहाडमा पानी पर्नेछ, तर समुद्र नजिक घाम लाग्नेछ र हावा बिस्तारै चल्नेछ।"),
    ("heb", "Hebr", "מחר ירד גשם בהרים, אבל ליד הים תזרח השמש והרוח תהיה חלשה."),
    ("yid", "Hebr", "מאָרגן וועט רעגענען אין די בערג, אָבער ביים ים וועט די זון שײַנען."),
    ("amh", "Ethi", "ነገ በተራሮች ላይ ዝናብ ይዘንባል፤ ነገር ግን በባሕሩ አጠገብ ፀሐይ ይወጣል።"),
    ("ben", "Beng", "কাল পাহাড়ে বৃষ্টি হবে, কিন্তু সমুদ্রের ধারে রোদ উঠবে আর বাতাস হালকা থাকবে।"),
    ("ell", "Grek", "Αύριο θα βρέξει στα βουνά, αλλά δίπλα στη θάλασσα θα έχει ήλιο και ο άνεμος θα είναι ασθενής."),
    ("zho", "Hans", "明天山区会下雨，但是海边会出太阳，风也不大。"),
    ("zho", "Hant", "明天山區會下雨，但是海邊會出太陽，風也不大。"),
    ("jpn", "Jpan", "明日は山で雨が降りますが、海の近くは晴れて風も弱いでしょう。"),
    ("jpn", "Jpan", "気象庁発表、山間部荒天、沿岸地域晴天"),
    ("kor", "Kore", "내일 산에는 비가 오겠지만 바닷가에는 해가 나고 바람이 약하겠습니다."),
    ("tha", "Thai", "พรุ่งนี้ฝนจะตกบนภูเขา แต่ริมทะเลจะมีแดด"),
    ("kat", "Geor", "ხვალ მთაში იწვიმებს, მაგრამ ზღვასთან მზე იქნება."),
    ("tam", "Taml", "நாளை மலைகளில் மழை பெய்யும்"),
];

#[expect(
    clippy::expect_used,
    reason = "a helper of tests, where the file missing is a failure"
)]
fn identifier() -> Identifier {
    Identifier::parse(WEIGHTS).expect("weights of this crate")
}

fn named(guess: Option<Guess>) -> Option<(&'static str, &'static str)> {
    guess.map(|guess| (guess.language, guess.script))
}

#[test]
fn weather_is_recognised() {
    let identifier = identifier();
    for &(language, script, text) in WEATHER {
        let guess = identifier.identify(text);
        assert_eq!(named(guess), Some((language, script)), "{text}");
        assert!(
            guess.is_some_and(|guess| (0.4..=1.0).contains(&guess.confidence)
                && guess.runner_up != Some(language)),
            "{guess:?}"
        );
    }
}

#[test]
fn every_language_of_tesseract_can_be_named() {
    let identifier = identifier();
    let named: Vec<_> = identifier.languages().collect();
    let codes = "afr amh ara asm aze bel ben bod bos bre bul cat ceb ces chr cos cym dan deu div dzo ell eng epo est \
        eus fao fas fil fin fra fry gla gle glg grc guj hat heb hin hrv hun hye iku ind isl ita jav jpn kan \
        kat kaz khm kir kmr kor lao lat lav lit ltz mal mar mkd mlt mon mri msa mya nep nld nor oci ori pan \
        pol por pus que ron rus san sin slk slv snd spa sqi srp sun swa swe syr tam tat tel tgk tha tir ton \
        tur uig ukr urd uzb vie yid yor zho";
    for code in codes.split_whitespace() {
        assert!(
            named.iter().any(|(language, _)| *language == code),
            "{code}"
        );
    }
    for twice in ["srp", "uzb", "aze", "zho"] {
        let scripts = named.iter().filter(|(language, _)| *language == twice);
        assert_eq!(scripts.count(), 2, "{twice}");
    }
}

#[test]
fn capitals_change_no_answer() {
    let identifier = identifier();
    for &(language, script, text) in WEATHER {
        assert_eq!(
            named(identifier.identify(&text.to_uppercase())),
            Some((language, script)),
            "{text}"
        );
    }
}

#[test]
fn lost_accents_are_expected() {
    let identifier = identifier();
    let texts = [
        (
            "vie",
            "Ngay mai troi se mua tren nui, nhung o gan bien troi nang va gio se nhe",
        ),
        (
            "vie",
            "Ngày mai trời sẽ mua trên núi, nhung ơ gân biên trời năng và gió se nhe",
        ),
        (
            "ron",
            "Maine va ploua la munte, dar pe malul marii va fi soare si vantul va bate slab",
        ),
        (
            "yor",
            "Lola ojo yoo ro ni ori oke, sugbon oorun yoo ran ni eti okun, afefe ko si ni le",
        ),
        (
            "pol",
            "Jutro w gorach bedzie padac deszcz, ale nad morzem zaswieci slonce, a wiatr bedzie slaby",
        ),
        (
            "tur",
            "Yarin daglarda yagmur yagacak, ama deniz kiyisinda gunes acacak ve ruzgar hafif esecek",
        ),
        (
            "ibo",
            "Echi mmiri ga ezo n'ugwu, ma n'akuku oke osimiri anwu ga acha, ikuku agaghi adi ike",
        ),
    ];
    for (language, text) in texts {
        assert_eq!(
            named(identifier.identify(text)),
            Some((language, "Latn")),
            "{text}"
        );
    }
}

#[test]
fn recognition_errors_are_expected() {
    let identifier = identifier();
    let texts = [
        (
            "eng",
            "Tornorrow it wiII rain in the m0untains, but bythe sea the sun wi1l sh ine and thewind will be vveak.",
        ),
        (
            "deu",
            "Morqen regnet es in den Berqen, aberam Meer scheint die 5onne und derWind weht nur schvvach.",
        ),
        (
            "fra",
            "Demain i1 pleuvra dans Ies rnontagnes, mais au bord de la rner le soIeil briIlera et levent sera faib1e.",
        ),
    ];
    for (language, text) in texts {
        assert_eq!(
            identifier.identify(text).map(|guess| guess.language),
            Some(language),
            "{text}"
        );
    }
}

#[test]
fn the_most_frequent_script_decides() {
    let identifier = identifier();
    let mixed = "Завтра в горах будет дождь (OpenWeather API), но у моря будет светить солнце";
    assert_eq!(named(identifier.identify(mixed)), Some(("rus", "Cyrl")));
    assert_eq!(
        named(identifier.identify("明日の天気 weather forecast は晴れ")),
        Some(("jpn", "Jpan"))
    );
    assert_eq!(
        named(identifier.identify("请打开 Settings 窗口")),
        Some(("zho", "Hans"))
    );
}

#[test]
fn candidates_restrict_the_answer() {
    let identifier = identifier();
    let text = "Amanhã vai chover nas montanhas, mas à beira do mar fará sol.";
    assert_eq!(
        named(identifier.identify_among(text, &["spa", "ita", "rus"])),
        Some(("spa", "Latn"))
    );
    assert_eq!(
        identifier.identify_among(text, &["por"]).map(|guess| (
            guess.language,
            guess.confidence,
            guess.runner_up
        )),
        Some(("por", 1.0, None))
    );
    assert_eq!(identifier.identify_among(text, &["rus", "zho"]), None);
    assert_eq!(identifier.identify_among(text, &[]), None);
    // The most frequent script is none of theirs, so the next is taken.
    assert_eq!(
        named(identifier.identify_among("ocean and sea, море у гор", &["rus", "ukr"]))
            .map(|found| found.1),
        Some("Cyrl")
    );
    assert_eq!(
        named(identifier.identify_among("明天山区会下雨", &["jpn"])),
        Some(("jpn", "Jpan"))
    );
    assert_eq!(
        named(identifier.identify_among("明日は山で雨", &["zho"])).map(|found| found.0),
        Some("zho")
    );
}

#[test]
fn doubt_shows_in_the_confidence() {
    let identifier = identifier();
    let confidence = |text| {
        identifier
            .identify(text)
            .map_or(0.0, |guess| guess.confidence)
    };
    let english = "Tomorrow it will rain in the mountains, but by the sea the sun will shine.";
    assert!(
        confidence(english) > 0.9 && confidence("a") < 0.6,
        "{} {}",
        confidence(english),
        confidence("a")
    );
}

#[test]
fn no_text_breaks_it() {
    let identifier = identifier();
    for text in [
        "",
        " ",
        "123 + 456",
        "…",
        "\0",
        "\u{10FFFF}",
        "😀😀",
        "'''",
        "\u{301}\u{301}",
        "٣٤٥",
    ] {
        assert_eq!(identifier.identify(text), None, "{text:?}");
    }
    let long = "x'".repeat(200_000);
    assert!(identifier.identify(&long).is_some());
    // Every character of the basic plane once, alone and together.
    let all: String = (0..0x10000).filter_map(char::from_u32).collect();
    assert!(identifier.identify(&all).is_some());
    for ch in all.chars().step_by(7) {
        let guess = identifier.identify(ch.encode_utf8(&mut [0; 4]));
        assert!(
            guess.is_none_or(|guess| (0.0..=1.0).contains(&guess.confidence)),
            "{ch:?} {guess:?}"
        );
    }
}
