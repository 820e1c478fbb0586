//! Words that mean the same in the papers of offices, across languages: a question in English about a German invoice finds the sum.

use crate::text::{is_spaceless, words};

#[rustfmt::skip]
const GROUPS: &[&[&str]] = &[
    &["total", "sum", "amount", "gesamtbetrag", "summe", "betrag", "montant", "somme", "importe", "totale", "bedrag", "ยอดรวม", "รวมทั้งสิ้น", "المجموع", "الإجمالي", "المبلغ", "总额", "总计", "合计", "金额", "合計", "総額", "金額", "итого", "сумма"],
    &["price", "cost", "costs", "fee", "charge", "rate", "preis", "kosten", "gebühr", "prix", "cout", "frais", "tarif", "precio", "coste", "costo", "tarifa", "prezzo", "prijs", "ราคา", "ค่าใช้จ่าย", "ค่าธรรมเนียม", "السعر", "التكلفة", "الرسوم", "价格", "费用", "价钱", "価格", "料金", "費用", "代金", "цена", "стоимость"],
    &["pay", "payment", "paid", "payable", "zahlung", "zahlen", "bezahlen", "paiement", "payer", "pago", "pagar", "pagamento", "betaling", "ชำระ", "จ่าย", "الدفع", "سداد", "付款", "支付", "支払", "支払い", "оплата"],
    &["rent", "rental", "lease", "miete", "mietzins", "loyer", "alquiler", "renta", "affitto", "huur", "ค่าเช่า", "الإيجار", "租金", "房租", "家賃", "賃料", "аренда"],
    &["tenant", "lessee", "renter", "mieter", "locataire", "inquilino", "arrendatario", "ผู้เช่า", "المستأجر", "租客", "承租人", "借主", "賃借人", "арендатор"],
    &["landlord", "lessor", "vermieter", "bailleur", "proprietaire", "arrendador", "propietario", "ผู้ให้เช่า", "المؤجر", "房东", "出租人", "貸主", "大家", "賃貸人", "арендодатель"],
    &["deposit", "kaution", "caution", "fianza", "deposito", "เงินประกัน", "มัดจำ", "التأمين", "押金", "保证金", "敷金", "保証金", "залог"],
    &["deadline", "due", "fällig", "frist", "echeance", "vencimiento", "plazo", "scadenza", "ครบกำหนด", "กำหนดชำระ", "الاستحقاق", "截止", "到期", "期限", "締切", "срок"],
    &["salary", "wage", "pay", "remuneration", "gehalt", "lohn", "vergütung", "salaire", "remuneration", "sueldo", "salario", "stipendio", "เงินเดือน", "الراتب", "الأجر", "工资", "薪资", "薪水", "月薪", "給与", "給料", "賃金", "зарплата"],
    &["holiday", "vacation", "leave", "urlaub", "conges", "vacances", "vacaciones", "ferie", "ลาพักร้อน", "วันหยุด", "الإجازة", "假期", "年假", "休暇", "有給", "отпуск"],
    &["terminate", "termination", "notice", "cancel", "cancellation", "kündigung", "kündigen", "resiliation", "preavis", "rescision", "terminacion", "preaviso", "ยกเลิก", "บอกเลิก", "إنهاء", "فسخ", "إشعار", "终止", "解除", "解约", "解約", "解除", "расторжение"],
    &["phone", "telephone", "tel", "telefon", "telefono", "โทรศัพท์", "الهاتف", "电话", "電話", "телефон"],
    &["address", "located", "location", "adresse", "anschrift", "direccion", "indirizzo", "ที่อยู่", "العنوان", "地址", "住所", "所在地", "адрес"],
    &["start", "begin", "begins", "commence", "commencement", "beginn", "beginnt", "anfang", "debut", "commence", "inicio", "comienza", "empieza", "inizio", "เริ่ม", "بداية", "يبدأ", "开始", "起始", "開始", "начало"],
    &["end", "ends", "expire", "expires", "expiry", "ende", "endet", "fin", "termine", "termina", "finaliza", "vence", "fine", "scade", "สิ้นสุด", "หมดอายุ", "نهاية", "ينتهي", "结束", "截止", "終了", "満了", "окончание"],
    &["revenue", "turnover", "sales", "umsatz", "erlöse", "chiffre", "ventes", "ingresos", "ventas", "ricavi", "รายได้", "ยอดขาย", "الإيرادات", "المبيعات", "收入", "营收", "销售额", "売上", "売上高", "収益", "выручка"],
    &["profit", "earnings", "income", "gewinn", "ertrag", "benefice", "beneficio", "utilidad", "utile", "กำไร", "الربح", "الأرباح", "利润", "盈利", "利益", "прибыль"],
    &["employee", "employees", "staff", "personnel", "workers", "workforce", "headcount", "mitarbeiter", "beschäftigte", "personal", "employes", "salaries", "effectif", "empleados", "plantilla", "trabajadores", "พนักงาน", "ลูกจ้าง", "الموظفين", "العاملين", "员工", "职工", "雇员", "従業員", "社員", "職員", "сотрудники"],
    &["employer", "company", "arbeitgeber", "employeur", "empleador", "empresa", "นายจ้าง", "บริษัท", "صاحب العمل", "الشركة", "雇主", "公司", "雇用者", "会社", "работодатель"],
    &["insured", "policyholder", "versicherungsnehmer", "versicherter", "assure", "souscripteur", "asegurado", "tomador", "ผู้เอาประกัน", "المؤمن له", "被保险人", "投保人", "被保険者", "契約者", "страхователь"],
    &["premium", "prämie", "beitrag", "prime", "cotisation", "prima", "เบี้ยประกัน", "القسط", "保费", "保険料", "премия"],
    &["deductible", "excess", "selbstbeteiligung", "selbstbehalt", "franchise", "franquicia", "deducible", "ค่าเสียหายส่วนแรก", "التحمل", "免赔额", "免責", "франшиза"],
    &["weight", "weigh", "weighs", "heavy", "gewicht", "wiegt", "schwer", "poids", "pese", "peso", "pesa", "น้ำหนัก", "الوزن", "重量", "重さ", "вес"],
    &["size", "dimensions", "large", "big", "area", "größe", "maße", "abmessungen", "fläche", "taille", "dimensions", "surface", "superficie", "tamaño", "medidas", "ขนาด", "พื้นที่", "المساحة", "الحجم", "面积", "尺寸", "大小", "面積", "サイズ", "寸法", "размер"],
    &["author", "written", "wrote", "prepared", "verfasser", "autor", "auteur", "ผู้เขียน", "ผู้จัดทำ", "المؤلف", "作者", "著者", "作成者", "автор"],
    &["chair", "chairman", "chairperson", "chairs", "chaired", "president", "presided", "vorsitz", "vorsitzende", "leitung", "presidente", "preside", "ประธาน", "الرئيس", "رئيس", "主席", "主持", "議長", "委員長", "председатель"],
    &["manager", "head", "director", "leiter", "leiterin", "responsable", "directeur", "directrice", "gerente", "jefe", "ผู้จัดการ", "ผู้อำนวยการ", "المدير", "经理", "主管", "负责人", "责任人", "責任者", "部長", "管理者", "担当", "руководитель"],
    &["teacher", "lehrer", "lehrerin", "enseignant", "professeur", "profesor", "maestro", "ครู", "อาจารย์", "المعلم", "教师", "老师", "教師", "先生", "учитель"],
    &["warranty", "guarantee", "garantie", "gewährleistung", "garantia", "รับประกัน", "الضمان", "保修", "质保", "保証", "гарантия"],
    &["tax", "vat", "gst", "steuer", "mwst", "mehrwertsteuer", "tva", "taxe", "iva", "impuesto", "ภาษี", "الضريبة", "税", "税额", "消費税", "税金", "налог"],
    &["delivery", "deliver", "delivered", "shipping", "shipment", "lieferung", "geliefert", "livraison", "livre", "entrega", "envio", "จัดส่ง", "ส่งมอบ", "التسليم", "التوصيل", "交货", "交付", "送货", "納品", "納入", "配送", "поставка", "доставка"],
    &["supplier", "vendor", "seller", "lieferant", "verkäufer", "fournisseur", "vendeur", "proveedor", "vendedor", "ผู้ขาย", "ผู้จำหน่าย", "المورد", "البائع", "供应商", "卖方", "供給者", "仕入先", "売主", "поставщик"],
    &["buyer", "customer", "client", "purchaser", "kunde", "käufer", "client", "acheteur", "cliente", "comprador", "ผู้ซื้อ", "ลูกค้า", "المشتري", "العميل", "买方", "客户", "顾客", "買主", "顧客", "お客様", "покупатель"],
    &["number", "no", "nummer", "nr", "numero", "n", "เลขที่", "หมายเลข", "رقم", "编号", "号码", "番号", "номер"],
    &["allowed", "permitted", "may", "permission", "erlaubt", "gestattet", "autorise", "permis", "permitido", "autorizado", "อนุญาต", "مسموح", "يسمح", "允许", "可以", "許可", "認め", "разрешено"],
    &["forbidden", "prohibited", "banned", "verboten", "untersagt", "interdit", "defendu", "prohibido", "ห้าม", "ممنوع", "محظور", "禁止", "不得", "不可", "запрещено"],
    &["penalty", "fine", "strafe", "vertragsstrafe", "penalite", "amende", "penalizacion", "multa", "ค่าปรับ", "غرامة", "罚款", "违约金", "罰金", "違約金", "штраф"],
    &["duration", "long", "period", "term", "length", "dauer", "laufzeit", "duree", "duracion", "periodo", "durata", "ระยะเวลา", "นานเท่าใด", "المدة", "مدة", "期限", "时长", "多久", "期間", "срок"],
    &["hours", "opening", "open", "time", "times", "öffnungszeiten", "uhrzeit", "horaires", "heures", "horario", "horas", "เวลาทำการ", "เวลา", "ساعات", "أوقات", "时间", "开放时间", "営業時間", "開館時間", "時間", "часы"],
    &["temperature", "hot", "degrees", "temperatur", "grad", "temperature", "degres", "temperatura", "grados", "อุณหภูมิ", "องศา", "الحرارة", "درجة", "温度", "度", "気温", "температура"],
    &["power", "wattage", "electricity", "leistung", "strom", "puissance", "potencia", "กำลังไฟ", "الطاقة", "القدرة", "功率", "電力", "出力", "мощность"],
    &["members", "participants", "attendees", "present", "attended", "teilnehmer", "anwesend", "mitglieder", "participants", "presents", "membres", "asistentes", "participantes", "miembros", "ผู้เข้าร่วม", "สมาชิก", "الحاضرون", "الأعضاء", "المشاركون", "参加者", "出席者", "成员", "参会", "出席", "участники"],
    &["budget", "haushalt", "etat", "presupuesto", "งบประมาณ", "الميزانية", "预算", "予算", "бюджет"],
    &["interest", "zins", "zinsen", "interet", "interets", "interes", "intereses", "ดอกเบี้ย", "الفائدة", "利息", "利率", "利子", "金利", "проценты"],
    &["loan", "credit", "debt", "darlehen", "kredit", "schulden", "pret", "dette", "prestamo", "credito", "deuda", "เงินกู้", "หนี้", "القرض", "الدين", "贷款", "债务", "借款", "借入", "融資", "кредит"],
    &["children", "kids", "child", "pupils", "students", "kinder", "schüler", "enfants", "eleves", "niños", "alumnos", "เด็ก", "นักเรียน", "الأطفال", "الطلاب", "儿童", "学生", "孩子", "子供", "生徒", "дети"],
    &["visitor", "visitors", "guest", "guests", "besucher", "gäste", "visiteurs", "visitantes", "ผู้เข้าชม", "الزوار", "游客", "访客", "参观者", "来館者", "来場者", "посетители"],
    &["machine", "device", "equipment", "unit", "appliance", "gerät", "maschine", "appareil", "machine", "equipo", "maquina", "aparato", "เครื่อง", "อุปกรณ์", "الجهاز", "الآلة", "机器", "设备", "機械", "機器", "装置", "прибор"],
    &["clean", "cleaning", "reinigen", "reinigung", "nettoyer", "nettoyage", "limpiar", "limpieza", "ทำความสะอาด", "تنظيف", "清洁", "清洗", "清掃", "洗浄", "чистка"],
    &["repair", "maintenance", "service", "reparatur", "wartung", "reparation", "entretien", "reparacion", "mantenimiento", "ซ่อม", "บำรุงรักษา", "الصيانة", "الإصلاح", "维修", "保养", "修理", "保守", "点検", "ремонт"],
    &["founded", "established", "gegründet", "fonde", "fondee", "fundada", "fundado", "ก่อตั้ง", "تأسست", "成立", "创立", "創立", "設立", "основана"],
    &["dose", "dosage", "dosis", "dosierung", "posologie", "dosis", "ขนาดยา", "الجرعة", "剂量", "用量", "投与量", "доза"],
    &["patients", "subjects", "participants", "patienten", "probanden", "pacientes", "sujets", "ผู้ป่วย", "อาสาสมัคร", "المرضى", "患者", "受试者", "被験者", "пациенты"],
];

/// Other words for `word` (as [`words`] gives it), of all languages, in the form in which words are compared. Those of scripts without spaces are left out.
pub(crate) fn synonyms(word: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for group in GROUPS {
        if group
            .iter()
            .any(|member| words(member).as_slice() == [word])
        {
            let others = group.iter().flat_map(|member| {
                let words = words(member);
                (words.len() == 1).then_some(words).into_iter().flatten()
            });
            found.extend(others.filter(|other| other != word));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// Terms of scripts without spaces that `text` has, with other terms of such scripts for the same.
pub(crate) fn spaceless(text: &str) -> Vec<(&'static str, Vec<&'static str>)> {
    let is_one = |member: &&&str| member.chars().any(is_spaceless);
    let groups = GROUPS.iter().flat_map(|group| {
        let found = group
            .iter()
            .filter(is_one)
            .find(|member| text.contains(**member));
        found.map(|term| {
            let same_script = |other: &&&str| other != &term && is_thai(other) == is_thai(term);
            (
                *term,
                group
                    .iter()
                    .filter(is_one)
                    .filter(same_script)
                    .copied()
                    .collect(),
            )
        })
    });
    groups.collect()
}

fn is_thai(term: &str) -> bool {
    term.chars().any(|c| ('\u{e00}'..='\u{e7f}').contains(&c))
}
