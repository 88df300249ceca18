using System.Text.RegularExpressions;

namespace Portkey.Portal.Provisioning.Engine.Preflight.Checks;

/// <summary>ClickHouse answers a query of the gateway's user, and its tables are there.</summary>
internal sealed partial class ClickHouseCheck(OutboundGuard guard) : IPreflightCheck
{
    private static readonly string[] Tables = ["ANALYTICS_LOG_TABLE", "ANALYTICS_FEEDBACK_TABLE", "ANALYTICS_GENERATION_HOOKS_TABLE"];

    public string Id => "clickhouse";

    public string Title => "ClickHouse answers";

    public LookedFrom From => LookedFrom.Portal;

    public bool IsOfTheNetwork => true;

    public bool AppliesTo(PreflightSubject subject) => subject.Value("ANALYTICS_STORE") == "clickhouse";

    public async Task<Verdict> RunAsync(PreflightSubject subject, CancellationToken cancellationToken)
    {
        var endpoint = new Uri(subject.Value("ANALYTICS_STORE_ENDPOINT"));
        using var http = new HttpClient(guard.Handler());
        var (status, text) = await QueryAsync(http, subject, endpoint, "SELECT version()", cancellationToken);
        if (Web.IsRedirect(status))
        {
            return Verdict.Fail(
                $"{endpoint.Host} answers with a redirect, which was not followed.",
                "Give the address of ClickHouse's HTTP interface itself.",
                "redirect"
            );
        }

        if (status is 401 or 403 || text.Contains("AUTHENTICATION_FAILED", StringComparison.Ordinal) || SignIn().IsMatch(text))
        {
            return Verdict.Fail(
                $"ClickHouse at {endpoint.Authority} does not let {subject.Value("ANALYTICS_STORE_USER")} in.",
                "Check the user and store the right password.",
                "clickhouse-refused"
            );
        }

        if (status != 200)
        {
            return status >= 500 && !text.Contains("DB::Exception", StringComparison.Ordinal)
                ? throw new UnreachableException($"{endpoint.Authority} answers {status}.")
                : Verdict.Fail(
                    $"{endpoint.Authority} answers {status} to a query; it is not ClickHouse's HTTP interface, or refuses the query.",
                    "Check the address and port (8443 over TLS, 8123 without).",
                    "clickhouse-refused"
                );
        }

        var missing = new List<string>();
        foreach (var table in Tables.Select(subject.Value).Where(t => t.Length > 0))
        {
            if (!TableName().IsMatch(table))
            {
                return Verdict.Fail(
                    $"'{table}' is not the name of a table.",
                    "Use letters, digits and underscores, with a database and a dot in front where it is not the default one.",
                    "clickhouse-table"
                );
            }

            var (found, answer) = await QueryAsync(http, subject, endpoint, $"EXISTS TABLE {table}", cancellationToken);
            if (found != 200 || answer.Trim() != "1")
            {
                missing.Add(table);
            }
        }

        var version = text.Trim();
        return missing.Count == 0
            ? Verdict.Pass($"ClickHouse {version} at {endpoint.Authority} answers, and its tables are there.")
            : Verdict.Warn(
                $"ClickHouse {version} at {endpoint.Authority} answers, but shows its user no table {string.Join(", ", missing)}.",
                "Create them from Portkey's schema, or give the user the right to see them."
            );
    }

    private static async Task<(int Status, string Text)> QueryAsync(
        HttpClient http,
        PreflightSubject subject,
        Uri endpoint,
        string query,
        CancellationToken cancellationToken
    )
    {
        using var body = new StringContent(query);
        return await Web.SendAsync(
            http,
            HttpMethod.Post,
            endpoint,
            body,
            [
                ("X-ClickHouse-User", subject.Value("ANALYTICS_STORE_USER")),
                ("X-ClickHouse-Key", subject.Secret("ANALYTICS_STORE_PASSWORD")),
            ],
            cancellationToken
        );
    }

    [GeneratedRegex(@"^[A-Za-z_]\w{0,127}(\.[A-Za-z_]\w{0,127})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex TableName();

    // 192 unknown user, 193 wrong password, 194 password needed: what versions before 20 say.
    [GeneratedRegex(@"^Code: 19[234]\b", RegexOptions.CultureInvariant)]
    private static partial Regex SignIn();
}
