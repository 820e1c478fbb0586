//! The theme part that Word and Excel want in a file, at its smallest: black on white, one font.

/// The XML of `theme1.xml` (ECMA-376 part 1, 14.2.7). Three fills, lines and effects each is the least the schema takes.
pub(crate) fn xml() -> String {
    let colours = [
        ("dk1", "000000"),
        ("lt1", "FFFFFF"),
        ("dk2", "1F2937"),
        ("lt2", "F3F4F6"),
        ("accent1", "2563EB"),
        ("accent2", "DC2626"),
        ("accent3", "16A34A"),
        ("accent4", "9333EA"),
        ("accent5", "EA580C"),
        ("accent6", "0891B2"),
        ("hlink", "1D4ED8"),
        ("folHlink", "6D28D9"),
    ];
    let colours: String = colours
        .iter()
        .map(|(name, rgb)| format!("<a:{name}><a:srgbClr val=\"{rgb}\"/></a:{name}>"))
        .collect();
    let fonts = "<a:latin typeface=\"Calibri\"/><a:ea typeface=\"\"/><a:cs typeface=\"\"/>";
    let fill = "<a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill>".repeat(3);
    let line = "<a:ln w=\"6350\"><a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill></a:ln>";
    let effect = "<a:effectStyle><a:effectLst/></a:effectStyle>";
    format!(
        "<a:theme xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" name=\"OCR.chat\"><a:themeElements>\
         <a:clrScheme name=\"OCR.chat\">{colours}</a:clrScheme>\
         <a:fontScheme name=\"OCR.chat\"><a:majorFont>{fonts}</a:majorFont><a:minorFont>{fonts}</a:minorFont></a:fontScheme>\
         <a:fmtScheme name=\"OCR.chat\"><a:fillStyleLst>{fill}</a:fillStyleLst><a:lnStyleLst>{}</a:lnStyleLst>\
         <a:effectStyleLst>{}</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>",
        line.repeat(3),
        effect.repeat(3)
    )
}
