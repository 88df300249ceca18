using System.Globalization;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Credentials;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Components.Shared;

/// <summary>Every address of the portal is built here, so that links, tests and redirects agree.</summary>
internal static class PortalUrls
{
    public const string Home = "/";
    public const string EnvironmentList = "/environments";
    public const string RequestList = "/requests";
    public const string Approvals = "/approvals";
    public const string AuditList = "/audit";
    public const string VerifyAudit = "/audit?verify=true";
    public const string CredentialList = "/credentials";
    public const string ChartList = "/charts";
    public const string ClusterList = "/clusters";
    public const string About = "/about";

    /// <summary>The API's reference; a document of its own, not a page of the circuit.</summary>
    public const string ApiReference = "/docs/api";

    public const string NewRequest = "/new";
    public const string SignInPage = "/sign-in";
    public const string SignOut = "/sign-out";
    public const string SecurityLogList = "/security-log";
    public const string SessionList = "/sessions";
    public const string ImportValues = "/import";
    public const string SubmitImport = "/forms/import";
    public const string SubmitSpec = "/forms/spec";
    public const string SubmitRequest = "/forms/requests";

    public static string SignIn(string returnUrl) => With(SignInPage, ("returnUrl", returnUrl is "/" or "" ? null : returnUrl));

    public static string PersonaSignIn(string persona, string returnUrl) =>
        With("/dev/sign-in", ("persona", persona), ("returnUrl", returnUrl));

    public static string Environment(Guid id, string? tab = null) => With($"/environments/{id}", ("tab", tab is "overview" ? null : tab));

    /// <summary>Where a problem can be solved, with its subject filled in.</summary>
    public static string Cure(Guid environment, CureView cure) =>
        cure.Kind switch
        {
            CureKind.ChangeSettings => Change(environment, "settings"),
            CureKind.StoreSecret => With($"/environments/{environment}", ("tab", "secrets"), ("key", cure.Subject)),
            CureKind.AskOperators => Cluster(cure.Subject),
            _ => With($"/environments/{environment}", ("cure", Word<CureKind>(cure.Kind)), ("to", cure.Subject)),
        };

    public static string Environments(
        string? search = null,
        string? team = null,
        HealthStatus? health = null,
        string? cluster = null,
        Guid? chart = null
    ) =>
        With(
            EnvironmentList,
            ("search", search),
            ("team", team),
            ("health", health?.ToString().ToLowerInvariant()),
            ("cluster", cluster),
            ("chart", chart?.ToString())
        );

    public static string Credentials(
        string? search = null,
        string? team = null,
        CredentialState? state = null,
        CredentialKind? kind = null,
        DateOnly? day = null
    ) => With(CredentialList, ("search", search), ("team", team), ("state", Word(state)), ("kind", Word(kind)), ("day", Day(day)));

    public static string CredentialTab(string tab) => With(CredentialList, ("tab", tab is "all" ? null : tab));

    public static string KubeconfigForm(string cluster) => $"/forms/clusters/{Uri.EscapeDataString(cluster)}/kubeconfig";

    public const string CredentialForm = "/forms/credentials";

    public static string NewSharedCredential(string? name = null, string? key = null, string? team = null, string? problems = null) =>
        With($"{CredentialList}/new", ("name", name), ("key", key), ("team", team), ("problems", problems));

    public static string CredentialValueForm(Guid id) => $"{CredentialForm}/{id}/value";

    public static string RotationPlan(Guid credential) => $"{CredentialList}/{credential}/rotate";

    public static string Rotation(Guid id) => $"/rotations/{id}";

    public static string Credential(Guid id) => $"{CredentialList}/{id}";

    /// <summary>The environment's rotate dialog, opened for one secret.</summary>
    public static string Rotate(Guid environment, string key) => With($"/environments/{environment}", ("tab", "secrets"), ("rotate", key));

    /// <summary>The environment's dialog for one kind of request.</summary>
    public static string Propose(Guid environment, RequestKind kind) =>
        With($"/environments/{environment}", ("propose", kind.ToString().ToLowerInvariant()));

    public static string Cluster(string name) => $"{ClusterList}/{Uri.EscapeDataString(name)}";

    public const string ClusterForm = "/forms/clusters";

    /// <summary>The list of clusters with its form open.</summary>
    public static string RegisterCluster(string? name = null, string? problems = null) =>
        With(ClusterList, ("register", "true"), ("name", name), ("problems", problems));

    /// <summary>The list of charts with its dialog open.</summary>
    public const string RegisterChart = $"{ChartList}?register=true";

    public const string ChangeList = "/changes";

    public static string ChangeOf(Guid id) => $"{ChangeList}/{id}";

    public static string Changes(string? state) => With(ChangeList, ("state", state));

    public static string Operation(Guid id) => $"/operations/{id}";

    /// <summary>A request, one of its views, and a place on the page.</summary>
    public static string Request(Guid id, string? tab = null, string? place = null) =>
        With($"/requests/{id}", ("tab", tab is "changes" ? null : tab)) + (place is null ? "" : $"#{place}");

    public static string RequestExport(Guid id, string format) => With($"/api/v1/requests/{id}/export", ("format", format));

    public static string Requests(string? state = null, bool mine = false, bool waiting = false) =>
        With(RequestList, ("state", state), ("mine", mine ? "true" : null), ("waiting", waiting ? "true" : null));

    public static string Import(Guid id, Guid draft) => With(ImportValues, ("id", id.ToString()), ("draft", draft.ToString()));

    /// <summary>A draft in the wizard: a step of it, the element that is filled in first, and what was wrong when it was sent.</summary>
    public static string Wizard(Guid? draft, string? step, string? field = null, string? problems = null) =>
        With(NewRequest, ("draft", draft?.ToString()), ("step", step), ("field", field), ("problems", problems));

    public static string Change(Guid environment, string? step = null, string? field = null) =>
        With(NewRequest, ("environment", environment.ToString()), ("step", step), ("field", field));

    public static string SecretForm(Guid environment, string key) =>
        $"/forms/environments/{environment}/secrets/{Uri.EscapeDataString(key)}";

    public static string Audit(
        string? actor = null,
        string? action = null,
        Guid? environment = null,
        DateOnly? from = null,
        DateOnly? to = null
    ) => Audit(new AuditAsked(actor, action, environment?.ToString(), From: Day(from), To: Day(to)));

    public static string Audit(AuditAsked asked) => With(AuditList, Query(asked));

    public static string AuditEvent(long id) => string.Create(CultureInfo.InvariantCulture, $"{AuditList}/{id}");

    /// <summary>All that the list would show, as a file; days of the list are times of the API.</summary>
    public static string AuditExport(string format, AuditAsked asked) => With("/api/v1/audit/export", [("format", format), .. Query(asked)]);

    public static string SecurityLog(
        string? person = null,
        SecurityEventKind? kind = null,
        string? address = null,
        string? from = null,
        string? to = null
    ) => With(SecurityLogList, ("person", person), ("kind", Word(kind)), ("address", address), ("from", from), ("to", to));

    public static string Sessions(string? person = null) => With(SessionList, ("person", person));

    private static (string, string?)[] Query(AuditAsked asked) =>
        [
            ("actor", asked.Actor),
            ("action", asked.Action),
            ("team", asked.Team),
            ("environment", asked.Environment),
            ("text", asked.Text),
            ("from", asked.From),
            ("to", asked.To),
        ];

    private static string? Word<T>(T? value)
        where T : struct, Enum => value is { } v ? EnumNames.Of(v) : null;

    private static string? Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string With(string path, params ReadOnlySpan<(string Key, string? Value)> query)
    {
        var url = path;
        foreach (var (key, value) in query)
        {
            if (!string.IsNullOrEmpty(value))
            {
                url += (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + key + "=" + Uri.EscapeDataString(value);
            }
        }

        return url;
    }
}

/// <summary>The history's filters, as in its address.</summary>
/// <param name="Actor">Who: id, or part of the name.</param>
/// <param name="Action">What was done: code or words.</param>
/// <param name="Environment">Environment: id or name.</param>
/// <param name="Team">Team.</param>
/// <param name="Text">Words.</param>
/// <param name="From">First day, <c>yyyy-MM-dd</c>.</param>
/// <param name="To">Last day, which counts whole.</param>
internal sealed record AuditAsked(
    string? Actor = null,
    string? Action = null,
    string? Environment = null,
    string? Team = null,
    string? Text = null,
    string? From = null,
    string? To = null
);
