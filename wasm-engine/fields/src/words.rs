//! The words by which fields are named, in the languages of most receipts and invoices; in lower case, accents left out where
//! [`Folded`](crate::terms::Folded) folds them.

/// What names the date of a receipt.
pub(crate) const DATE: &[&str] = &[
    "date", "datum", "fecha", "data", "tarikh", "tanggal", "tgl", "ngay", "ngày", "tarih", "дата", "วันที่", "التاريخ", "תאריך", "日付", "日期",
    "date:", "dt:",
];

/// What names another date.
pub(crate) const OTHER_DATE: &[&str] = &[
    "due", "expir", "exp.", "valid", "until", "fallig", "vence", "birth", "print",
];

/// What names the sum that is to be paid, beyond doubt.
pub(crate) const GRAND_TOTAL: &[&str] = &[
    "grand total", "total due", "amount due", "balance due", "total payable", "amount payable", "nett total", "net total", "total amount",
    "total sales inclusive", "total inclusive", "total incl", "total (incl", "rounded total", "total rounded", "total after rounding",
    "total to pay", "please pay", "to pay", "total sale", "final total", "total bill", "invoice total", "total a pagar", "importe total",
    "total ttc", "net a payer", "somme a payer", "reste a payer", "montant total", "montant du", "total a payer", "gesamtbetrag", "gesamtsumme", "endbetrag",
    "rechnungsbetrag", "zu zahlen", "zahlbetrag", "totale complessivo", "totale documento", "totale da pagare", "te betalen", "totaal te",
    "att betala", "summa att", "a betale", "do zaplaty", "do zapłaty", "jumlah besar", "total akhir", "tong cong", "tổng cộng", "tong tien",
    "tổng tiền", "thanh toan", "thanh toán", "genel toplam", "odenecek", "ödenecek", "итого к оплате", "к оплате", "всего к оплате", "合計金額",
    "総合計", "ご請求", "合计金额", "应付", "總計", "总计", "ยอดสุทธิ", "ยอดรวมสุทธิ", "รวมทั้งสิ้น", "จำนวนเงินรวมทั้งสิ้น", "ยอดชำระ", "المبلغ الإجمالي",
    "الإجمالي النهائي", "المبلغ المستحق", "סה\"כ לתשלום", "कुल राशि", "कुल योग", "총액", "결제금액", "합계금액",
];

/// What may name it.
pub(crate) const TOTAL: &[&str] = &[
    "total", "totale", "totaal", "gesamt", "summe", "totalt", "summa", "suma", "razem", "celkem", "toplam", "jumlah", "итого", "всего",
    "сума", "合計", "合计", "小计合计", "รวม", "الإجمالي", "المجموع", "סה\"כ", "कुल", "합계", "계",
];

/// What may name it where nothing else does.
pub(crate) const WEAK_TOTAL: &[&str] = &[
    "amount", "betrag", "importe", "montant", "importo", "bedrag", "belopp", "kwota", "сумма", "金額", "金额", "จำนวนเงิน", "المبلغ",
];

/// What names the sum before tax.
pub(crate) const SUBTOTAL: &[&str] = &[
    "subtotal", "sub total", "sub-total", "subttl", "sub ttl", "zwischensumme", "nettobetrag", "sous-total", "sous total", "total ht",
    "subtotale", "imponibile", "totale parziale", "subtotaal", "delsumma", "mezisoucet", "ara toplam", "промежуточный", "подытог", "小計",
    "小计", "ยอดรวมก่อน", "รวมเงิน", "المجموع الفرعي", "excl", "exclusive", "before tax", "before gst", "before vat", "excluding",
    "total sales", "net amount", "taxable", "합계전", "공급가",
];

/// What names the tax.
pub(crate) const TAX: &[&str] = &[
    "gst", "vat", "tax", "sst", "mwst", "ust", "umsatzsteuer", "mehrwertsteuer", "tva", "iva", "btw", "moms", "dph", "kdv", "ppn", "ндс",
    "消費税", "税", "ภาษี", "vat 7", "ضريبة", "מע\"מ", "부가세", "부가가치세", "service tax",
];

/// What names sums that were taken off, given, or counted, and not charged.
pub(crate) const NOT_THE_TOTAL: &[&str] = &[
    "change", "discount", "saving", "savings", "saved", "qty", "quantity", "item", "items", "rounding", "round adj", "rnd adj", "roundg",
    "rounding adj", "points", "point", "cash", "tender", "visa", "master", "credit card", "debit", "voucher", "deposit", "balance b",
    "rabatt", "ruckgeld", "gegeben", "rendu", "remise", "cambio", "efectivo", "descuento", "wechselgeld", "お釣", "お預", "找零", "收银", "เงินทอน",
    "ส่วนลด", "รับเงิน", "сдача", "скидка", "наличн", "kembali", "tunai", "bayar", "summary", "pcs", "earned",
];

/// What names the money that was given.
pub(crate) const CASH: &[&str] = &[
    "cash", "tender", "tunai", "paid", "payment", "gegeben", "bar", "efectivo", "especes", "contanti", "お預", "现金", "現金", "เงินสด",
    "รับเงิน", "наличн", "bayar",
];

/// What names the money that came back.
pub(crate) const CHANGE: &[&str] = &[
    "change", "baki", "kembali", "ruckgeld", "wechselgeld", "zuruck", "cambio", "vuelto", "rendu", "resto", "お釣", "找零", "เงินทอน", "сдача",
    "reste",
];

/// What names the difference to a round sum.
pub(crate) const ROUNDING: &[&str] = &[
    "rounding", "round adj", "rnd adj", "roundg", "rounded adj", "pembulatan", "round",
];

/// Heads of the tables of taxes that stand at the foot of many receipts: their sums are of something else.
pub(crate) const TAX_TABLE: &[&str] = &[
    "gst summary", "tax summary", "vat summary", "gst analysis", "gst breakdown", "tax code", "sst summary", "gst rate", "tax analysis",
];

/// Legal forms of companies and words that end names of shops, as they stand after names.
pub(crate) const LEGAL_FORMS: &[&str] = &[
    "sdn bhd", "sdn. bhd", "sdn.bhd", "s/b", "bhd", "berhad", "enterprise", "trading", "pte ltd", "pte. ltd", "ltd", "ltd.", "limited",
    "llc", "l.l.c", "inc", "inc.", "corp", "corp.", "corporation", "company", "co.", "gmbh", "ag", "kg", "ohg", "e.k.", "e.v.", "ug",
    "s.a.", "s.a", "sarl", "s.a.r.l", "sas", "s.l.", "s.r.l.", "srl", "s.p.a.", "spa", "b.v.", "bv", "n.v.", "oy", "ab", "aps", "a/s", "as",
    "sp. z o.o.", "s.r.o.", "kft", "a.s.", "ооо", "оао", "ип", "株式会社", "有限会社", "有限公司", "บริษัท", "จำกัด", "plc", "llp", "pt.", "cv.", "tbk",
    "pvt", "s.c.", "restaurant", "restoran", "supermarket", "market", "store", "stores", "mart", "hotel", "cafe", "bakery", "pharmacy",
    "شركة", "مؤسسة",
];

/// What begins rows that are no name.
pub(crate) const NOT_A_NAME: &[&str] = &[
    "invoice", "receipt", "welcome", "thank", "tel", "phone", "fax", "gst", "vat", "reg", "www.", "http", "date", "time", "table",
    "cashier", "bill", "order", "customer", "total", "amount", "page", "rechnung", "quittung", "facture", "recu", "factura", "ticket",
    "fattura", "scontrino", "bon", "co.reg", "co reg", "company reg", "company no", "roc no", "rob no", "ssm", "tin:", "email", "e-mail",
    "original", "copy", "duplicate", "cash sale", "cash bill", "official", "simplified", "statement", "quotation", "ใบเสร็จ", "ใบกำกับ",
    "โทร", "領収", "レシート", "发票", "收据", "فاتورة", "إيصال", "чек", "квитанция", "счет", "invoic", "licensee", "document no", "doc no", "member",
    "self collect", "take away", "dine in", "guest check", "check#", "server", "counter",
];

/// What names a street, a place or a house.
pub(crate) const PLACES: &[&str] = &[
    "street", "st.", "road", "rd.", "rd,", "avenue", "ave", "lane", "drive", "blvd", "boulevard", "highway", "hwy", "square", "floor",
    "suite", "building", "plaza", "jalan", "jln", "taman", "lorong", "lot ", "lot.", "lot no", "no.", "no:", "no ", "kampung", "bandar",
    "selangor", "kuala", "johor", "persiaran", "lebuh", "seksyen", "off jalan", "wilayah", "mall", "straße", "strasse", "str.", "platz",
    "weg", "allee", "rue", "place", "chemin", "cours", "calle", "avenida", "paseo", "via", "viale", "piazza", "corso", "straat", "laan",
    "plein", "gatan", "vägen", "ulica", "ul.", "улица", "ул.", "просп", "город", "г.", "ถนน", "แขวง", "เขต", "ตำบล", "อำเภอ", "จังหวัด",
    "ซอย", "丁目", "番地", "県", "市", "区", "都", "路", "街", "号", "شارع", "طريق", "حي", "p.o. box", "po box", "level", "ground floor", "unit",
];

/// What begins rows that end an address.
pub(crate) const AFTER_ADDRESS: &[&str] = &[
    "tel", "phone", "fax", "gst", "vat", "tax", "reg", "invoice", "receipt", "date", "www", "http", "email", "e-mail", "cashier", "bill",
    "order", "table", "total", "co.reg", "company no", "member", "qty", "item", "description", "document", "customer", "ship", "terms",
    "โทร", "電話", "тел", "هاتف", "hotline", "mobile", "h/p", "pos", "trn", "doc",
];

/// What names columns: their row stands above the items.
pub(crate) const COLUMN_HEADS: &[&str] = &[
    "description", "item", "qty", "quantity", "price", "amount", "unit", "artikel", "menge", "preis", "bezeichnung", "einzelpreis",
    "designation", "quantite", "prix", "descripcion", "cantidad", "precio", "descrizione", "prezzo", "omschrijving", "aantal", "品名", "数量",
    "単価", "金額", "รายการ", "จำนวน", "ราคา", "товар", "кол-во", "цена", "الصنف", "الكمية", "السعر",
];

/// What names rows between the items that are none.
pub(crate) const NOT_AN_ITEM: &[&str] = &[
    "total", "cash", "change", "rounding", "gst", "tax", "vat", "discount", "balance", "visa", "master", "invoice no", "bill no", "tel",
    "member", "subtotal", "deposit", "due", "zahlen", "summe", "mwst", "tva", "iva", "รวม", "合計", "итого", "tender", "receipt no",
    "payment",
];

/// What names the date of an invoice; the sooner, the surer.
pub(crate) const INVOICE_DATE: &[&str] = &[
    "invoice date", "date of issue", "issue date", "billing date", "bill date", "rechnungsdatum", "date de facture", "date facture",
    "date d'emission", "fecha de emision", "fecha factura", "fecha de factura", "data fattura", "data emissione", "factuurdatum",
    "fakturadatum", "data wystawienia", "дата счета", "請求日", "発行日", "开票日期", "วันที่", "تاريخ الفاتورة", "tax date", "dated", "date:",
    "datum", "date",
];

/// What names the date until which an invoice is to be paid.
pub(crate) const DUE_DATE: &[&str] = &[
    "due date", "payment due", "due by", "pay by", "due on", "due:", "fallig am", "zahlbar bis", "falligkeit", "date d'echeance", "date limite de paiement",
    "echeance", "fecha de vencimiento", "vencimiento", "data scadenza", "scadenza", "vervaldatum", "forfallodatum", "termin platnosci",
    "termin płatności", "срок оплаты", "支払期限", "お支払期限", "到期日", "วันครบกำหนด", "ครบกำหนด", "تاريخ الاستحقاق",
];

/// What names the number of an invoice; the sooner, the surer.
pub(crate) const INVOICE_NUMBER: &[&str] = &[
    "invoice number", "invoice no", "invoice num", "invoice #", "invoice nr", "inv no", "inv #", "inv.", "bill number", "bill no",
    "document no", "doc no", "rechnungsnummer", "rechnungs-nr", "rechnung nr", "rechnungsnr", "numero de facture", "facture n",
    "n° facture", "numero de factura", "factura n", "n.º factura", "numero fattura", "fattura n", "factuurnummer", "fakturanummer",
    "faktura nr", "счет №", "счет-фактура №", "請求書番号", "請求番号", "发票号码", "เลขที่", "رقم الفاتورة", "reference", "invoice:", "invoice",
];

/// What names the number under which somebody is registered for taxes.
pub(crate) const TAX_ID: &[&str] = &[
    "vat reg", "vat number", "vat no", "vat id", "vat:", "gst reg", "gst no", "gstin", "tax id", "tax reg", "ust-idnr", "ust-id", "ustid",
    "steuernummer", "steuer-nr", "numero de tva", "n° tva", "tva intra", "tva n", "nif", "cif", "p. iva", "p.iva", "partita iva", "btw-nr",
    "btw nr", "btw-nummer", "btw", "org.nr", "momsnr", "nip", "инн", "登録番号", "税号", "纳税人识别号", "เลขประจำตัวผู้เสียภาษี", "الرقم الضريبي",
    "abn", "ein",
];

/// What names whom an invoice is sent to; the sooner, the surer.
pub(crate) const BUYER: &[&str] = &[
    "bill to", "billed to", "invoice to", "sold to", "customer name", "customer:", "client:", "client name", "attention:", "rechnung an",
    "rechnungsempfanger", "kunde:", "facture a", "client", "facturar a", "cliente", "intestatario", "spett.le", "factuur aan", "klant:",
    "kund:", "nabywca", "покупатель", "плательщик", "御中", "购买方", "ลูกค้า", "العميل", "customer",
];

/// What names telephone numbers.
pub(crate) const PHONE: &[&str] = &[
    "tel", "phone", "mobile", "mob", "cell", "t:", "m:", "p:", "handy", "telefon", "telefono", "telephone", "โทร", "電話", "携帯", "电话", "手机",
    "тел", "моб", "هاتف", "جوال",
];

/// What names fax numbers.
pub(crate) const FAX: &[&str] = &[
    "fax", "telefax", "f:", "ファックス", "传真", "แฟกซ์", "โทรสาร", "факс", "فاكس",
];

/// What people are at work.
pub(crate) const TITLES: &[&str] = &[
    "director", "manager", "engineer", "president", "officer", "chief", "ceo", "cto", "cfo", "coo", "founder", "partner", "consultant",
    "developer", "designer", "architect", "analyst", "assistant", "associate", "attorney", "lawyer", "professor", "lecturer", "physician",
    "doctor of", "sales", "marketing", "executive", "head of", "lead", "specialist", "coordinator", "supervisor", "representative", "agent",
    "broker", "accountant", "editor", "geschaftsfuhrer", "leiter", "leiterin", "ingenieur", "berater", "vertrieb", "directeur",
    "directrice", "responsable", "gerente", "ingeniero", "direttore", "responsabile", "ผู้จัดการ", "กรรมการ", "วิศวกร", "代表取締役", "部長", "課長",
    "主任", "社長", "取締役", "经理", "总监", "总经理", "工程师", "директор", "менеджер", "инженер", "руководитель", "مدير", "مهندس", "대표", "부장", "과장", "이사",
];
