//! The cell formats of a workbook.

/// Text at the top of its cell, wrapped.
pub(super) const TEXT: usize = 1;

/// The same in bold.
pub(super) const HEADER: usize = 2;

/// Formats behind the fixed ones: a plain and a bold one for each number format.
const FIRST_NUMBER: usize = 3;

/// Number formats below this are Excel's own (ECMA-376 part 1, 18.8.30).
const FIRST_CUSTOM_FORMAT: usize = 164;

/// The formats that cells have asked for.
#[derive(Debug, Default)]
pub(super) struct Styles {
    formats: Vec<String>,
}

impl Styles {
    /// The cell format of a number in `format`.
    pub(super) fn number(&mut self, format: &str, is_bold: bool) -> usize {
        let known = self.formats.iter().position(|known| known == format);
        let position = known.unwrap_or_else(|| {
            self.formats.push(format.to_owned());
            self.formats.len() - 1
        });
        FIRST_NUMBER + 2 * position + usize::from(is_bold)
    }

    /// The part.
    pub(super) fn xml(&self) -> String {
        let mut xml = format!("<styleSheet xmlns=\"{}\">", super::MAIN);
        if !self.formats.is_empty() {
            xml.push_str(&format!("<numFmts count=\"{}\">", self.formats.len()));
            for (position, format) in self.formats.iter().enumerate() {
                xml.push_str(&format!(
                    "<numFmt numFmtId=\"{}\" formatCode=\"{}\"/>",
                    FIRST_CUSTOM_FORMAT + position,
                    crate::xml::escaped(format)
                ));
            }
            xml.push_str("</numFmts>");
        }
        let font = |bold| {
            format!("<font>{bold}<sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font>")
        };
        xml.push_str(&format!(
            "<fonts count=\"2\">{}{}</fonts>",
            font(""),
            font("<b/>")
        ));
        xml.push_str(
            "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>\
             <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
             <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>",
        );
        xml.push_str(&format!(
            "<cellXfs count=\"{}\">",
            FIRST_NUMBER + 2 * self.formats.len()
        ));
        xml.push_str("<xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>");
        for font in 0..2 {
            // 49 is "@", text: what is typed into such a cell later stays text too.
            xml.push_str(&format!(
                "<xf numFmtId=\"49\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" \
                 applyAlignment=\"1\"><alignment vertical=\"top\" wrapText=\"1\"/></xf>"
            ));
        }
        for position in 0..self.formats.len() {
            for font in 0..2 {
                xml.push_str(&format!(
                    "<xf numFmtId=\"{}\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" \
                     applyAlignment=\"1\"><alignment vertical=\"top\"/></xf>",
                    FIRST_CUSTOM_FORMAT + position
                ));
            }
        }
        xml.push_str(
            "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>",
        );
        xml
    }
}
