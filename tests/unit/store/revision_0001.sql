BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE cards (
	id TEXT NOT NULL,
	document_id INTEGER NOT NULL,
	position INTEGER NOT NULL,
	number INTEGER NOT NULL,
	line INTEGER NOT NULL,
	"after" TEXT NOT NULL,
	initial_interval_days INTEGER NOT NULL,
	initial_ease FLOAT NOT NULL,
	content_hash TEXT NOT NULL,
	front TEXT NOT NULL,
	first_front TEXT NOT NULL,
	explicit_id TEXT,
	payload TEXT NOT NULL,
	suspended BOOLEAN NOT NULL,
	archived_at TEXT,
	PRIMARY KEY (id),
	FOREIGN KEY(document_id) REFERENCES documents (id)
);
INSERT INTO "cards" VALUES('c1',1,0,1,5,'[]',1,2.5,'hash-What is a query?','what is a query?','what is a query?',NULL,'{"number":1,"title":"","difficulty":null,"cognitive_level":null,"concept":null,"source_section":null,"related_concepts":[],"centrality":null,"front":"What is a query?","back":"What a position looks for.","parts":[],"critical":false,"critical_reason":null,"brief_front":null,"brief_back":null,"tags":[],"initial_interval_days":1,"initial_ease":2.5,"after":[],"demo":null,"claims":[],"fields":{},"field_lines":{},"explicit_id":null,"line":5,"end_line":0}',0,NULL);
INSERT INTO "cards" VALUES('c2',1,1,2,15,'[1]',3,2.0,'hash-What is a key?','what is a key?','what is a key?',NULL,'{"number":2,"title":"","difficulty":null,"cognitive_level":null,"concept":null,"source_section":null,"related_concepts":[],"centrality":null,"front":"What is a key?","back":"| a | b |","parts":[{"title":"Mnemonic","text":"lock","line":19}],"critical":false,"critical_reason":null,"brief_front":null,"brief_back":null,"tags":["easy::x"],"initial_interval_days":3,"initial_ease":2.0,"after":[1],"demo":null,"claims":[],"fields":{"Colour":"grün"},"field_lines":{},"explicit_id":null,"line":15,"end_line":0}',1,NULL);
INSERT INTO "cards" VALUES('c3',1,2,3,25,'[]',1,2.5,'hash-What is a value?','what is a value?','what is a value?',NULL,'{"number":3,"title":"","difficulty":null,"cognitive_level":null,"concept":null,"source_section":null,"related_concepts":[],"centrality":null,"front":"What is a value?","back":"What it offers.","parts":[],"critical":false,"critical_reason":null,"brief_front":null,"brief_back":null,"tags":[],"initial_interval_days":1,"initial_ease":2.5,"after":[],"demo":null,"claims":[],"fields":{},"field_lines":{},"explicit_id":null,"line":25,"end_line":0}',0,'2026-03-02T09:30:00.123456+00:00');
CREATE TABLE documents (
	id INTEGER NOT NULL,
	source_id INTEGER,
	path TEXT NOT NULL,
	slug TEXT NOT NULL,
	title TEXT NOT NULL,
	kind TEXT NOT NULL,
	sha256 TEXT NOT NULL,
	size INTEGER NOT NULL,
	mtime_ns INTEGER NOT NULL,
	read_at_ns INTEGER NOT NULL,
	reader TEXT NOT NULL,
	problem TEXT,
	gone_at TEXT,
	PRIMARY KEY (id),
	FOREIGN KEY(source_id) REFERENCES sources (id) ON DELETE SET NULL,
	UNIQUE (path)
);
INSERT INTO "documents" VALUES(1,2,'/x/deck.md','deck','Deck','flashcards','00',1,1,1,'0',NULL,NULL);
CREATE TABLE reviews (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	card_id TEXT NOT NULL,
	kind TEXT NOT NULL,
	reviewed_at TEXT NOT NULL,
	study_day TEXT NOT NULL,
	quality INTEGER,
	seconds FLOAT NOT NULL,
	before_repetitions INTEGER NOT NULL,
	before_interval_days INTEGER NOT NULL,
	before_ease_factor FLOAT NOT NULL,
	before_due TEXT,
	before_lapses INTEGER NOT NULL,
	after_repetitions INTEGER NOT NULL,
	after_interval_days INTEGER NOT NULL,
	after_ease_factor FLOAT NOT NULL,
	after_due TEXT,
	after_lapses INTEGER NOT NULL,
	initial_interval_days INTEGER NOT NULL,
	scheduler TEXT NOT NULL,
	scheduler_version INTEGER NOT NULL,
	undoes INTEGER,
	FOREIGN KEY(card_id) REFERENCES cards (id),
	FOREIGN KEY(undoes) REFERENCES reviews (id)
);
INSERT INTO "reviews" VALUES(1,'c1','review','2026-03-02T09:30:00.123456+00:00','2026-03-02',4,3.5,0,0,2.5,NULL,0,1,1,2.5,'2026-03-03',0,1,'sm2',1,NULL);
INSERT INTO "reviews" VALUES(2,'c1','review','2026-03-03T09:30:00.123456+00:00','2026-03-03',1,3.5,1,1,2.5,'2026-03-03',0,0,1,2.5,'2026-03-04',1,1,'sm2',1,NULL);
INSERT INTO "reviews" VALUES(3,'c1','repeat','2026-03-03T09:30:00.123456+00:00','2026-03-03',3,3.5,0,1,2.5,'2026-03-04',1,0,1,2.5,'2026-03-04',1,1,'sm2',1,NULL);
INSERT INTO "reviews" VALUES(4,'c3','review','2026-03-02T09:30:00.123456+00:00','2026-03-02',5,3.5,0,0,2.5,NULL,0,1,1,2.6,'2026-03-03',0,1,'sm2',1,NULL);
INSERT INTO "reviews" VALUES(5,'c3','undo','2026-03-02T09:30:00.123456+00:00','2026-03-02',NULL,0.0,1,1,2.6,'2026-03-03',0,0,0,2.5,NULL,0,1,'sm2',1,4);
CREATE TABLE sources (
	id INTEGER NOT NULL,
	path TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (path)
);
INSERT INTO "sources" VALUES(1,'bundled');
INSERT INTO "sources" VALUES(2,'/x');
CREATE TABLE states (
	card_id TEXT NOT NULL,
	repetitions INTEGER NOT NULL,
	interval_days INTEGER NOT NULL,
	ease_factor FLOAT NOT NULL,
	due TEXT,
	lapses INTEGER NOT NULL,
	answered_well BOOLEAN NOT NULL,
	last_quality INTEGER,
	last_study_day TEXT,
	PRIMARY KEY (card_id),
	FOREIGN KEY(card_id) REFERENCES cards (id)
);
INSERT INTO "states" VALUES('c1',0,1,2.5,'2026-03-04',1,1,3,'2026-03-03');
INSERT INTO "states" VALUES('c3',0,0,2.5,NULL,0,0,NULL,NULL);
CREATE INDEX ix_cards_document_id ON cards (document_id);
CREATE INDEX ix_reviews_card_id ON reviews (card_id);
CREATE INDEX ix_reviews_study_day ON reviews (study_day);
CREATE UNIQUE INDEX ix_reviews_undoes ON reviews (undoes);
CREATE TRIGGER reviews_no_update BEFORE UPDATE ON reviews BEGIN SELECT RAISE(ABORT, 'the review log is append-only'); END;
CREATE TRIGGER reviews_no_delete BEFORE DELETE ON reviews BEGIN SELECT RAISE(ABORT, 'the review log is append-only'); END;
CREATE TRIGGER reviews_no_replace BEFORE INSERT ON reviews WHEN EXISTS (SELECT 1 FROM reviews WHERE id = NEW.id OR undoes = NEW.undoes) BEGIN SELECT RAISE(ABORT, 'the review log is append-only'); END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('reviews',5);
COMMIT;
