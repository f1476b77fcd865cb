-- What the pages must show for recorded days, computed by SQLite from the ranking files alone. It shares nothing with
-- the product but the definitions of docs/metrics.md "Snapshots and windows" and "Imported rankings".
-- inputs:  file_row(day, name, full_name, stars, forks): every row of every file; name is lower-cased
--          reading_time(name, day, instant): when the run read it, in seconds; the files do not say
-- outputs: reading, ranked, trend

-- A repository may stand several times in a day's file. The demo follows all of them, however few stars they have.
CREATE TABLE reading AS
SELECT day, name, full_name, stars, forks FROM (
    SELECT *, row_number() OVER (PARTITION BY day, name ORDER BY stars DESC, forks DESC) AS nth FROM file_row
) WHERE nth = 1;
CREATE UNIQUE INDEX reading_key ON reading (name, day);
CREATE INDEX reading_day ON reading (day);

CREATE TABLE ranked AS
SELECT day, name, stars, forks,
       rank() OVER (PARTITION BY day ORDER BY stars DESC) AS stars_rank,
       rank() OVER (PARTITION BY day ORDER BY forks DESC) AS forks_rank
FROM reading;
CREATE UNIQUE INDEX ranked_key ON ranked (name, day);

CREATE TABLE span (days INTEGER, tolerance INTEGER);
INSERT INTO span VALUES (1, 0), (7, 1), (28, 4), (90, 13);

-- A window that ends on a day: from the newest reading between `days + tolerance` and `days` before it.
CREATE TABLE window_of AS
SELECT span.days, at_end.name, at_end.day AS end_day,
       (SELECT max(start.day) FROM reading AS start
        WHERE start.name = at_end.name AND start.day <= date(at_end.day, '-' || span.days || ' days')
          AND start.day >= date(at_end.day, '-' || (span.days + span.tolerance) || ' days')
          AND (span.tolerance > 0 OR start.day = date(at_end.day, '-' || span.days || ' days'))) AS start_day
FROM reading AS at_end, span
WHERE at_end.day = (SELECT max(day) FROM reading)
   OR at_end.day = (SELECT date(max(day), '-' || span.days || ' days') FROM reading);

CREATE TABLE gain AS
SELECT window_of.*, at_end.stars - start.stars AS stars_gain, at_end.forks - start.forks AS forks_gain,
       (end_time.instant - start_time.instant) / 86400.0 AS elapsed
FROM window_of
JOIN reading AS at_end ON at_end.name = window_of.name AND at_end.day = window_of.end_day
JOIN reading_time AS end_time ON end_time.name = window_of.name AND end_time.day = window_of.end_day
LEFT JOIN reading AS start ON start.name = window_of.name AND start.day = window_of.start_day
LEFT JOIN reading_time AS start_time ON start_time.name = window_of.name AND start_time.day = window_of.start_day;
CREATE UNIQUE INDEX gain_key ON gain (name, days, end_day);

CREATE TABLE trend AS
SELECT now.name, now.days,
       CASE WHEN now.elapsed IS NULL THEN NULL
            WHEN now.start_day = date(now.end_day, '-' || now.days || ' days')
             AND abs(now.elapsed - now.days) <= 0.1 * now.days THEN 'exact'
            ELSE 'stretched' END AS coverage,
       today.stars, today.forks, today.stars_rank, today.forks_rank,
       then_.stars_rank - today.stars_rank AS stars_rank_move, then_.forks_rank - today.forks_rank AS forks_rank_move,
       now.stars_gain, now.forks_gain,
       now.stars_gain / now.elapsed AS stars_velocity, now.forks_gain / now.elapsed AS forks_velocity,
       now.stars_gain / now.elapsed - earlier.stars_gain / earlier.elapsed AS stars_acceleration,
       now.forks_gain / now.elapsed - earlier.forks_gain / earlier.elapsed AS forks_acceleration
FROM gain AS now
JOIN ranked AS today ON today.name = now.name AND today.day = now.end_day
LEFT JOIN ranked AS then_ ON then_.name = now.name AND then_.day = date(now.end_day, '-' || now.days || ' days')
LEFT JOIN gain AS earlier ON earlier.name = now.name AND earlier.days = now.days
     AND earlier.end_day = date(now.end_day, '-' || now.days || ' days')
WHERE now.end_day = (SELECT max(day) FROM reading);
