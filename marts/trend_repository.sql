-- Mart trend_repository: the definitions are docs/metrics.md "Snapshots and windows", followed to the letter.
-- inputs: repository_day   output: trend_repository   key: day, window_days, repository_id   incremental by: day
-- columns: day DATE, window_days INTEGER (1, 7, 28, 90), repository_id BIGINT, full_name VARCHAR, license_key VARCHAR,
--   language VARCHAR, archived BOOLEAN, observed_at TIMESTAMP, request VARCHAR, provenance VARCHAR,
--   start_day DATE, elapsed_days DOUBLE, coverage VARCHAR ('exact', 'stretched', NULL), gain_provenance VARCHAR,
--   and for stars and forks each: stars BIGINT, stars_rank BIGINT, stars_rank_move BIGINT, stars_gain BIGINT,
--   stars_velocity DOUBLE, stars_acceleration DOUBLE, stars_acceleration_margin DOUBLE
WITH
-- $wanted: which windows are asked for; a window's rows do not depend on the others.
-- A window's start may be missing; the nearest earlier day counts within these many days.
windows AS (
    FROM (VALUES (1, 0), (7, 1), (28, 4), (90, 13)) AS known(window_days, tolerance_days) WHERE $wanted
),
-- Acceleration needs the window that ends today and the one before it.
ends AS (
    SELECT window_days, tolerance_days, is_current,
           CASE WHEN is_current THEN $day ELSE $day - window_days END AS end_day,
           CASE WHEN is_current THEN $day ELSE $day - window_days END - window_days AS start_day
    FROM windows, (VALUES (true), (false)) AS turns(is_current)
),
reading AS MATERIALIZED (
    SELECT repository_id, day, observed_at, provenance, stars, forks
    FROM repository_day
    WHERE day BETWEEN $day - 193 AND $day
),
at_end AS MATERIALIZED (
    SELECT ends.*, reading.repository_id, reading.observed_at AS end_at, reading.provenance AS end_provenance,
           reading.stars AS end_stars, reading.forks AS end_forks
    FROM ends JOIN reading ON reading.day = ends.end_day
),
on_start_day AS MATERIALIZED (
    SELECT at_end.*, start.day AS found_day, start.observed_at AS start_at, start.provenance AS start_provenance,
           start.stars AS start_stars, start.forks AS start_forks
    FROM at_end
    LEFT JOIN reading AS start ON start.repository_id = at_end.repository_id AND start.day = at_end.start_day
),
before_start_day AS (
    SELECT missing.window_days, missing.is_current, missing.repository_id,
           max_by({'day': start.day, 'at': start.observed_at, 'provenance': start.provenance,
                   'stars': start.stars, 'forks': start.forks}, start.day) AS nearest
    FROM on_start_day AS missing
    JOIN reading AS start
      ON start.repository_id = missing.repository_id
     AND start.day < missing.start_day
     AND start.day >= missing.start_day - missing.tolerance_days
    WHERE missing.found_day IS NULL AND missing.tolerance_days > 0
    GROUP BY missing.window_days, missing.is_current, missing.repository_id
),
-- A repository without a start keeps its row: everything of that window is null.
gain AS (
    SELECT window_days, is_current, repository_id,
           coalesce(found_day, nearest['day']) AS start_day,
           epoch_us(end_at - coalesce(start_at, nearest['at'])) / 86400e6 AS elapsed_days,
           end_stars - coalesce(start_stars, nearest['stars']) AS stars_gain,
           end_forks - coalesce(start_forks, nearest['forks']) AS forks_gain,
           found_day IS NOT NULL AS is_start_exact,
           CASE WHEN 'imported' IN (end_provenance, coalesce(start_provenance, nearest['provenance'])) THEN 'imported'
                WHEN 'source_reported' IN (end_provenance, coalesce(start_provenance, nearest['provenance']))
                    THEN 'source_reported'
                WHEN coalesce(found_day, nearest['day']) IS NOT NULL THEN 'measured' END AS gain_provenance
    FROM on_start_day
    LEFT JOIN before_start_day USING (window_days, is_current, repository_id)
),
measured AS (
    SELECT *, stars_gain / elapsed_days AS stars_velocity, forks_gain / elapsed_days AS forks_velocity
    FROM gain
),
ranked AS MATERIALIZED (
    SELECT repository_id, day,
           rank() OVER (PARTITION BY day ORDER BY stars DESC) AS stars_rank,
           rank() OVER (PARTITION BY day ORDER BY forks DESC) AS forks_rank
    FROM reading
    WHERE day = $day OR day IN (SELECT $day - window_days FROM windows)
)
SELECT
    $day AS day,
    now.window_days,
    today.repository_id,
    today.full_name,
    today.license_key,
    today.language,
    today.archived,
    today.observed_at,
    today.request,
    today.provenance,
    now.start_day,
    now.elapsed_days,
    CASE WHEN now.elapsed_days IS NULL THEN NULL
         WHEN now.is_start_exact AND abs(now.elapsed_days - now.window_days) <= 0.1 * now.window_days THEN 'exact'
         ELSE 'stretched' END AS coverage,
    now.gain_provenance,
    today.stars,
    rank_now.stars_rank,
    rank_then.stars_rank - rank_now.stars_rank AS stars_rank_move,
    now.stars_gain,
    now.stars_velocity,
    now.stars_velocity - earlier.stars_velocity AS stars_acceleration,
    1.2816 * sqrt((abs(now.stars_gain) + 1) / now.elapsed_days ** 2
                  + (abs(earlier.stars_gain) + 1) / earlier.elapsed_days ** 2) AS stars_acceleration_margin,
    today.forks,
    rank_now.forks_rank,
    rank_then.forks_rank - rank_now.forks_rank AS forks_rank_move,
    now.forks_gain,
    now.forks_velocity,
    now.forks_velocity - earlier.forks_velocity AS forks_acceleration,
    1.2816 * sqrt((abs(now.forks_gain) + 1) / now.elapsed_days ** 2
                  + (abs(earlier.forks_gain) + 1) / earlier.elapsed_days ** 2) AS forks_acceleration_margin
FROM measured AS now
JOIN repository_day AS today ON today.repository_id = now.repository_id AND today.day = $day
JOIN ranked AS rank_now ON rank_now.repository_id = now.repository_id AND rank_now.day = $day
LEFT JOIN ranked AS rank_then
    ON rank_then.repository_id = now.repository_id AND rank_then.day = $day - now.window_days
LEFT JOIN measured AS earlier
    ON earlier.repository_id = now.repository_id AND earlier.window_days = now.window_days AND NOT earlier.is_current
WHERE now.is_current
