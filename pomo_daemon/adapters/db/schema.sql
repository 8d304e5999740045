-- made by docs/generate.py; write a revision in alembic/versions, then run `make docs`
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
CREATE TABLE users (
	user_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	username VARCHAR(64) NOT NULL, 
	email VARCHAR(254), 
	password_hash VARCHAR(255), 
	peer_uid BIGINT, 
	event_seq BIGINT NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT uq_users_peer_uid UNIQUE (peer_uid), 
	CONSTRAINT ck_users_event_seq CHECK (event_seq >= 0)
);
CREATE UNIQUE INDEX uq_users_username ON users (lower(username));
CREATE UNIQUE INDEX uq_users_email ON users (lower(email));
CREATE TABLE categories (
	category_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	deleted_at BIGINT, 
	CONSTRAINT fk_categories_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE, 
	CONSTRAINT ck_categories_name CHECK (length(name) BETWEEN 1 AND 200)
);
CREATE UNIQUE INDEX uq_categories_name ON categories (owner_id, lower(name)) WHERE deleted_at IS NULL;
CREATE TABLE tasks (
	task_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner_id INTEGER NOT NULL, 
	name VARCHAR(200) NOT NULL, 
	description VARCHAR(2000) NOT NULL, 
	pomodoro_count BIGINT NOT NULL, 
	category_id INTEGER, 
	due BIGINT, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	completed_at BIGINT, 
	deleted_at BIGINT, 
	CONSTRAINT fk_tasks_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE, 
	CONSTRAINT fk_tasks_category_id_categories FOREIGN KEY(category_id) REFERENCES categories (category_id), 
	CONSTRAINT ck_tasks_name CHECK (length(name) BETWEEN 1 AND 200), 
	CONSTRAINT ck_tasks_pomodoro_count CHECK (pomodoro_count >= 0)
);
CREATE INDEX ix_tasks_owner_id_name ON tasks (owner_id, lower(name));
CREATE TABLE intervals (
	interval_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner_id INTEGER NOT NULL, 
	task_id INTEGER, 
	phase VARCHAR(16) NOT NULL, 
	status VARCHAR(16) NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	planned BIGINT, 
	zone VARCHAR(64) NOT NULL, 
	note VARCHAR(2000) NOT NULL, local_start BIGINT DEFAULT '0' NOT NULL, "conflict" VARCHAR(16), 
	CONSTRAINT fk_intervals_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE, 
	CONSTRAINT fk_intervals_task_id_tasks FOREIGN KEY(task_id) REFERENCES tasks (task_id), 
	CONSTRAINT ck_intervals_phase CHECK (phase IN ('focus', 'short_break', 'long_break')), 
	CONSTRAINT ck_intervals_status CHECK (status IN ('running', 'paused', 'completed', 'stopped', 'skipped', 'cancelled')), 
	CONSTRAINT ck_intervals_ends_after_start CHECK (ended_at >= started_at), 
	CONSTRAINT ck_intervals_ended CHECK ((ended_at IS NULL) = (status IN ('running', 'paused'))), 
	CONSTRAINT ck_intervals_planned CHECK (planned > 0)
);
CREATE INDEX ix_intervals_owner_id_started_at ON intervals (owner_id, started_at);
CREATE UNIQUE INDEX uq_intervals_current ON intervals (owner_id) WHERE ended_at IS NULL;
CREATE TABLE gaps (
	gap_id INTEGER NOT NULL, 
	interval_id INTEGER NOT NULL, 
	started_at BIGINT NOT NULL, 
	ended_at BIGINT, 
	reason VARCHAR(16) NOT NULL, 
	CONSTRAINT pk_gaps PRIMARY KEY (gap_id), 
	CONSTRAINT fk_gaps_interval_id_intervals FOREIGN KEY(interval_id) REFERENCES intervals (interval_id) ON DELETE CASCADE, 
	CONSTRAINT ck_gaps_reason CHECK (reason IN ('pause', 'suspend')), 
	CONSTRAINT ck_gaps_ends_after_start CHECK (ended_at >= started_at)
);
CREATE INDEX ix_gaps_interval_id ON gaps (interval_id);
CREATE TABLE timers (
	user_id INTEGER NOT NULL, 
	version BIGINT NOT NULL, 
	interval_id INTEGER, 
	due_phase VARCHAR(16), 
	due_since BIGINT, 
	due_after_id INTEGER, 
	cycle_done BIGINT NOT NULL, 
	cycle_touched_at BIGINT, 
	last_task_id INTEGER, 
	last_planned BIGINT, 
	warned BOOLEAN NOT NULL, 
	anchor_wall BIGINT, 
	anchor_boottime BIGINT, 
	anchor_boot_id VARCHAR(64), anchor_slept BIGINT, left_at BIGINT, 
	CONSTRAINT pk_timers PRIMARY KEY (user_id), 
	CONSTRAINT fk_timers_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE, 
	CONSTRAINT fk_timers_interval_id_intervals FOREIGN KEY(interval_id) REFERENCES intervals (interval_id), 
	CONSTRAINT fk_timers_due_after_id_intervals FOREIGN KEY(due_after_id) REFERENCES intervals (interval_id), 
	CONSTRAINT fk_timers_last_task_id_tasks FOREIGN KEY(last_task_id) REFERENCES tasks (task_id), 
	CONSTRAINT ck_timers_current_or_due CHECK (interval_id IS NULL OR due_phase IS NULL), 
	CONSTRAINT ck_timers_due CHECK ((due_phase IS NULL) = (due_after_id IS NULL))
);
CREATE TABLE events (
	user_id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	type VARCHAR(64) NOT NULL, 
	at BIGINT NOT NULL, 
	data JSON NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (user_id, seq), 
	CONSTRAINT fk_events_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE TABLE deliveries (
	user_id INTEGER NOT NULL, 
	consumer VARCHAR(64) NOT NULL, 
	seq BIGINT NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (user_id, consumer), 
	CONSTRAINT fk_deliveries_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE TABLE requests (
	user_id INTEGER NOT NULL, 
	request_id VARCHAR(64) NOT NULL, 
	at BIGINT NOT NULL, 
	answer JSON NOT NULL, 
	CONSTRAINT pk_requests PRIMARY KEY (user_id, request_id), 
	CONSTRAINT fk_requests_user_id_users FOREIGN KEY(user_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_requests_at ON requests (at);
CREATE TABLE interruptions (
	interruption_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	interval_id INTEGER NOT NULL, 
	kind VARCHAR(16) NOT NULL, 
	at BIGINT NOT NULL, 
	note VARCHAR(2000) NOT NULL, 
	CONSTRAINT fk_interruptions_interval_id_intervals FOREIGN KEY(interval_id) REFERENCES intervals (interval_id) ON DELETE CASCADE, 
	CONSTRAINT ck_interruptions_kind CHECK (kind IN ('internal', 'external'))
);
CREATE INDEX ix_interruptions_interval_id ON interruptions (interval_id);
CREATE TABLE changes (
	change_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner_id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	label VARCHAR(300) NOT NULL, 
	undone BOOLEAN NOT NULL, 
	items JSON NOT NULL, 
	CONSTRAINT fk_changes_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE INDEX ix_changes_owner_id_change_id ON changes (owner_id, change_id);
CREATE INDEX ix_changes_undone ON changes (owner_id) WHERE undone IS 1;
CREATE INDEX ix_intervals_task_id ON intervals (task_id);
CREATE TRIGGER intervals_no_overlap_insert AFTER INSERT ON intervals WHEN NEW.status <> 'cancelled' AND 
    (SELECT COALESCE(ended_at, 9223372036854775807) FROM intervals
      WHERE owner_id = NEW.owner_id AND interval_id <> NEW.interval_id AND status <> 'cancelled'
        AND started_at < COALESCE(NEW.ended_at, 9223372036854775807)
      ORDER BY started_at DESC LIMIT 1) > NEW.started_at
 BEGIN SELECT RAISE(ABORT, 'intervals overlap'); END;
CREATE TRIGGER intervals_no_overlap_update AFTER UPDATE ON intervals WHEN NEW.status <> 'cancelled' AND 
    (SELECT COALESCE(ended_at, 9223372036854775807) FROM intervals
      WHERE owner_id = NEW.owner_id AND interval_id <> NEW.interval_id AND status <> 'cancelled'
        AND started_at < COALESCE(NEW.ended_at, 9223372036854775807)
      ORDER BY started_at DESC LIMIT 1) > NEW.started_at
 BEGIN SELECT RAISE(ABORT, 'intervals overlap'); END;
CREATE TABLE logins (
	login_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner_id INTEGER NOT NULL, 
	device VARCHAR(100) NOT NULL, 
	peer_uid BIGINT, 
	created_at BIGINT NOT NULL, 
	last_used_at BIGINT NOT NULL, 
	access_hash VARCHAR(64) NOT NULL, 
	access_expires_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	revoked_at BIGINT, 
	reason VARCHAR(16), 
	CONSTRAINT fk_logins_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE, 
	CONSTRAINT uq_logins_access_hash UNIQUE (access_hash), 
	CONSTRAINT ck_logins_reason CHECK (reason IN ('logout', 'revoked', 'passwd', 'replayed')), 
	CONSTRAINT ck_logins_revoked CHECK ((revoked_at IS NULL) = (reason IS NULL))
);
CREATE INDEX ix_logins_owner_id ON logins (owner_id);
CREATE INDEX ix_logins_expires_at ON logins (expires_at);
CREATE TABLE refresh_tokens (
	token_hash VARCHAR(64) NOT NULL, 
	login_id INTEGER NOT NULL, 
	issued_at BIGINT NOT NULL, 
	expires_at BIGINT NOT NULL, 
	spent_at BIGINT, 
	seed BLOB, 
	CONSTRAINT pk_refresh_tokens PRIMARY KEY (token_hash), 
	CONSTRAINT fk_refresh_tokens_login_id_logins FOREIGN KEY(login_id) REFERENCES logins (login_id) ON DELETE CASCADE, 
	CONSTRAINT ck_refresh_tokens_spent CHECK ((spent_at IS NULL) = (seed IS NULL))
);
CREATE INDEX ix_refresh_tokens_login_id ON refresh_tokens (login_id);
CREATE INDEX ix_refresh_tokens_expires_at ON refresh_tokens (expires_at);
CREATE TABLE attempts (
	"key" VARCHAR(64) NOT NULL, 
	failures BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	CONSTRAINT pk_attempts PRIMARY KEY ("key")
);
CREATE INDEX ix_attempts_last_at ON attempts (last_at);
CREATE TABLE day_starts (
	owner_id INTEGER NOT NULL, 
	day_start BIGINT NOT NULL, 
	CONSTRAINT pk_day_starts PRIMARY KEY (owner_id, day_start), 
	CONSTRAINT fk_day_starts_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE TABLE days (
	owner_id INTEGER NOT NULL, 
	day_start BIGINT NOT NULL, 
	day BIGINT NOT NULL, 
	focus_s BIGINT NOT NULL, 
	pomodoros BIGINT NOT NULL, 
	stopped BIGINT NOT NULL, 
	break_s BIGINT NOT NULL, 
	breaks BIGINT NOT NULL, 
	internal BIGINT NOT NULL, 
	external BIGINT NOT NULL, 
	CONSTRAINT pk_days PRIMARY KEY (owner_id, day_start, day), 
	CONSTRAINT fk_days_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE VIEW tallies AS 
    SELECT interval_id, owner_id, task_id, started_at, local_start,
      CASE WHEN focus THEN spent_s ELSE 0 END AS focus_s,
      CASE WHEN focus AND done THEN 1 ELSE 0 END AS pomodoros,
      CASE WHEN focus AND NOT done THEN 1 ELSE 0 END AS stopped,
      CASE WHEN focus THEN 0 ELSE spent_s END AS break_s,
      CASE WHEN focus THEN 0 ELSE 1 END AS breaks,
      (SELECT count(*) FROM interruptions x WHERE x.interval_id = t.interval_id AND x.kind = 'internal') AS internal,
      (SELECT count(*) FROM interruptions x WHERE x.interval_id = t.interval_id AND x.kind = 'external') AS external
    FROM (
      SELECT interval_id, owner_id, task_id, started_at, local_start,
        phase = 'focus' AS focus, status = 'completed' AS done,
        (ended_at - started_at - CAST(COALESCE(
          (SELECT sum(g.ended_at - g.started_at) FROM gaps g WHERE g.interval_id = i.interval_id), 0
        ) AS BIGINT)) / 1000000 AS spent_s
      FROM intervals i WHERE ended_at IS NOT NULL AND status <> 'cancelled'
    ) t;
CREATE TRIGGER intervals_days_after_insert AFTER INSERT ON intervals WHEN NEW.ended_at IS NOT NULL BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          1 * t.focus_s, 1 * t.pomodoros, 1 * t.stopped, 1 * t.break_s, 1 * t.breaks, 1 * t.internal, 1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = NEW.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER intervals_days_before_update BEFORE UPDATE ON intervals WHEN OLD.ended_at IS NOT NULL BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          -1 * t.focus_s, -1 * t.pomodoros, -1 * t.stopped, -1 * t.break_s, -1 * t.breaks, -1 * t.internal, -1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = OLD.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER intervals_days_after_update AFTER UPDATE ON intervals WHEN NEW.ended_at IS NOT NULL BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          1 * t.focus_s, 1 * t.pomodoros, 1 * t.stopped, 1 * t.break_s, 1 * t.breaks, 1 * t.internal, 1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = NEW.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER intervals_days_before_delete BEFORE DELETE ON intervals WHEN OLD.ended_at IS NOT NULL BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          -1 * t.focus_s, -1 * t.pomodoros, -1 * t.stopped, -1 * t.break_s, -1 * t.breaks, -1 * t.internal, -1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = OLD.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER gaps_days_before_insert BEFORE INSERT ON gaps BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          -1 * t.focus_s, -1 * t.pomodoros, -1 * t.stopped, -1 * t.break_s, -1 * t.breaks, -1 * t.internal, -1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = NEW.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER gaps_days_after_insert AFTER INSERT ON gaps BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          1 * t.focus_s, 1 * t.pomodoros, 1 * t.stopped, 1 * t.break_s, 1 * t.breaks, 1 * t.internal, 1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = NEW.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER gaps_days_before_update BEFORE UPDATE ON gaps BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          -1 * t.focus_s, -1 * t.pomodoros, -1 * t.stopped, -1 * t.break_s, -1 * t.breaks, -1 * t.internal, -1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = OLD.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER gaps_days_after_update AFTER UPDATE ON gaps BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          1 * t.focus_s, 1 * t.pomodoros, 1 * t.stopped, 1 * t.break_s, 1 * t.breaks, 1 * t.internal, 1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = NEW.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER gaps_days_before_delete BEFORE DELETE ON gaps BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          -1 * t.focus_s, -1 * t.pomodoros, -1 * t.stopped, -1 * t.break_s, -1 * t.breaks, -1 * t.internal, -1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = OLD.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER gaps_days_after_delete AFTER DELETE ON gaps BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          1 * t.focus_s, 1 * t.pomodoros, 1 * t.stopped, 1 * t.break_s, 1 * t.breaks, 1 * t.internal, 1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = OLD.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER interruptions_days_before_insert BEFORE INSERT ON interruptions BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          -1 * t.focus_s, -1 * t.pomodoros, -1 * t.stopped, -1 * t.break_s, -1 * t.breaks, -1 * t.internal, -1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = NEW.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER interruptions_days_after_insert AFTER INSERT ON interruptions BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          1 * t.focus_s, 1 * t.pomodoros, 1 * t.stopped, 1 * t.break_s, 1 * t.breaks, 1 * t.internal, 1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = NEW.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER interruptions_days_before_update BEFORE UPDATE ON interruptions BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          -1 * t.focus_s, -1 * t.pomodoros, -1 * t.stopped, -1 * t.break_s, -1 * t.breaks, -1 * t.internal, -1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = OLD.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER interruptions_days_after_update AFTER UPDATE ON interruptions BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          1 * t.focus_s, 1 * t.pomodoros, 1 * t.stopped, 1 * t.break_s, 1 * t.breaks, 1 * t.internal, 1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = NEW.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER interruptions_days_before_delete BEFORE DELETE ON interruptions BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          -1 * t.focus_s, -1 * t.pomodoros, -1 * t.stopped, -1 * t.break_s, -1 * t.breaks, -1 * t.internal, -1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = OLD.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TRIGGER interruptions_days_after_delete AFTER DELETE ON interruptions BEGIN 
        INSERT INTO days (owner_id, day_start, day, focus_s, pomodoros, stopped, break_s, breaks, internal, external)
        SELECT t.owner_id, s.day_start, (t.local_start - s.day_start) / 86400,
          1 * t.focus_s, 1 * t.pomodoros, 1 * t.stopped, 1 * t.break_s, 1 * t.breaks, 1 * t.internal, 1 * t.external
        FROM tallies t JOIN day_starts s ON s.owner_id = t.owner_id WHERE t.interval_id = OLD.interval_id
        ON CONFLICT (owner_id, day_start, day) DO UPDATE SET focus_s = days.focus_s + excluded.focus_s, pomodoros = days.pomodoros + excluded.pomodoros, stopped = days.stopped + excluded.stopped, break_s = days.break_s + excluded.break_s, breaks = days.breaks + excluded.breaks, internal = days.internal + excluded.internal, external = days.external + excluded.external
    ; END;
CREATE TABLE commits (
	owner_id INTEGER NOT NULL, 
	interval_id INTEGER NOT NULL, 
	sha VARCHAR(64) NOT NULL, 
	subject VARCHAR(200) NOT NULL, 
	repository VARCHAR(1000) NOT NULL, 
	at BIGINT NOT NULL, 
	CONSTRAINT pk_commits PRIMARY KEY (owner_id, interval_id, sha), 
	CONSTRAINT fk_commits_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE
);
CREATE TABLE schedules (
	schedule_id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, 
	owner_id INTEGER NOT NULL, 
	cron VARCHAR(200) NOT NULL, 
	action VARCHAR(16) NOT NULL, 
	task_id INTEGER, 
	text VARCHAR(200) NOT NULL, 
	zone VARCHAR(64) NOT NULL, 
	paused BOOLEAN NOT NULL, 
	next_at BIGINT, 
	created_at BIGINT NOT NULL, 
	updated_at BIGINT NOT NULL, 
	CONSTRAINT fk_schedules_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE, 
	CONSTRAINT fk_schedules_task_id_tasks FOREIGN KEY(task_id) REFERENCES tasks (task_id), 
	CONSTRAINT ck_schedules_action CHECK (action IN ('start', 'notify')), 
	CONSTRAINT ck_schedules_task CHECK ((action = 'start') = (task_id IS NOT NULL))
);
CREATE INDEX ix_schedules_owner_id ON schedules (owner_id);
CREATE TABLE sources (
	owner_id INTEGER NOT NULL, 
	source BLOB NOT NULL, 
	import_number BIGINT NOT NULL, 
	"key" BIGINT NOT NULL, 
	CONSTRAINT pk_sources PRIMARY KEY (owner_id, source), 
	CONSTRAINT fk_sources_owner_id_users FOREIGN KEY(owner_id) REFERENCES users (user_id) ON DELETE CASCADE
)
 WITHOUT ROWID

;
CREATE TABLE shelf (
	change_id INTEGER NOT NULL, 
	part BIGINT NOT NULL, 
	of_table VARCHAR(32) NOT NULL, 
	packed BLOB NOT NULL, 
	CONSTRAINT pk_shelf PRIMARY KEY (change_id, part), 
	CONSTRAINT fk_shelf_change_id_changes FOREIGN KEY(change_id) REFERENCES changes (change_id) ON DELETE CASCADE
);
INSERT INTO alembic_version VALUES ('0009');
PRAGMA user_version = 9;
