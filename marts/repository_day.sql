-- Mart repository_day: the one value that everybody reads for a repository and a UTC day.
-- inputs: repository_snapshot   output: repository_day   key: repository_id, day   incremental by: day
-- Several requests may have seen a repository on a day. GraphQL is preferred to REST, REST to search, column by
-- column, since not every request gives every column (docs/metrics.md "Counts that look alike").
SELECT
    repository_id,
    day,
    min_by(observed_at, preference) AS observed_at,
    min_by(request, preference) AS request,
    min_by(provenance, preference) AS provenance,
    min_by(full_name, preference) FILTER (full_name IS NOT NULL) AS full_name,
    min_by(license_key, preference) FILTER (license_key IS NOT NULL) AS license_key,
    min_by(language, preference) FILTER (language IS NOT NULL) AS language,
    min_by(archived, preference) FILTER (archived IS NOT NULL) AS archived,
    min_by(stars, preference) FILTER (stars IS NOT NULL) AS stars,
    min_by(forks, preference) FILTER (forks IS NOT NULL) AS forks
FROM (
    SELECT *, CASE request WHEN 'graphql' THEN 0 WHEN 'core' THEN 1 ELSE 2 END AS preference
    FROM repository_snapshot
    WHERE day IN ($days)
)
GROUP BY repository_id, day
ORDER BY day, repository_id
