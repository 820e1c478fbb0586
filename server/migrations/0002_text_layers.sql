-- What becomes of text that pages bring along: auto, force (recognise everything) or off (recognise nothing).
ALTER TABLE jobs ADD COLUMN ocr TEXT NOT NULL DEFAULT 'auto' CHECK (ocr IN ('auto', 'force', 'off'));

-- What opens an encrypted PDF; as secret as the document beside it, and gone when that goes.
ALTER TABLE jobs ADD COLUMN password TEXT;
