using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Clusters.Kubernetes;

/// <summary>What a kubeconfig says, as far as the portal's own client and Helm understand it alike.</summary>
/// <param name="Server">Address, with its path where it has one.</param>
/// <param name="AuthorityPem">Certificate authorities; empty where TLS is not verified.</param>
/// <param name="Token">Bearer token; empty for none.</param>
/// <param name="CertificatePem">Client certificate; empty for none.</param>
/// <param name="KeyPem">Its key.</param>
internal sealed record KubeconfigFacts(string Server, string AuthorityPem, string Token, string CertificatePem, string KeyPem);

/// <summary>
/// The fields of a kubeconfig: each one is honoured by the portal's client and by Helm alike, means nothing to either (extensions, a
/// default namespace), or is refused by its name. All problems come at once, and none quotes a value.
/// </summary>
internal sealed class KubeconfigRules
{
    private const int MostAuthorities = 8;

    private const string Flatten = "Put the content in it: 'kubectl config view --flatten --minify --raw' does.";

    private static readonly Dictionary<string, string> Refused = new(StringComparer.Ordinal)
    {
        ["cluster.certificate-authority"] = $"it names a file. {Flatten}",
        ["cluster.tls-server-name"] =
            "the certificate must be issued for the host of 'server'. Use that name as server, and leave this out.",
        ["cluster.proxy-url"] =
            "the portal has no proxy per cluster. Leave it out; a proxy for everything is the HTTPS_PROXY of the portal's process.",
        ["cluster.disable-compression"] = "the portal does not know it. Leave it out.",
        ["user.as"] = "the portal never acts as somebody else. Use a token that has just the rights it needs.",
        ["user.as-uid"] = "the portal never acts as somebody else. Use a token that has just the rights it needs.",
        ["user.as-groups"] = "the portal never acts as somebody else. Use a token that has just the rights it needs.",
        ["user.as-user-extra"] = "the portal never acts as somebody else. Use a token that has just the rights it needs.",
        ["user.exec"] =
            "it runs a program to sign in, which the portal does not do. Use a service account's token or a client certificate.",
        ["user.auth-provider"] =
            "it runs a program to sign in, which the portal does not do. Use a service account's token or a client certificate.",
        ["user.client-certificate"] = $"it names files. {Flatten}",
        ["user.client-key"] = $"it names files. {Flatten}",
        ["user.tokenFile"] = $"it names a file. Put the token in it, as 'token'.",
        ["user.username"] = "Kubernetes no longer accepts passwords. Use a service account's token or a client certificate.",
        ["user.password"] = "Kubernetes no longer accepts passwords. Use a service account's token or a client certificate.",
    };

    // In an operator's file: what both clients get from the portal anyway.
    private static readonly HashSet<string> ForOperators = new(
        [
            "cluster.certificate-authority",
            "user.exec",
            "user.auth-provider",
            "user.client-certificate",
            "user.client-key",
            "user.tokenFile",
        ],
        StringComparer.Ordinal
    );

    private readonly List<string> problems = [];
    private readonly bool isOperators;
    private readonly bool tlsMayBeOff;

    private KubeconfigRules(bool isOperators, bool tlsMayBeOff) => (this.isOperators, this.tlsMayBeOff) = (isOperators, tlsMayBeOff);

    /// <summary>Reads one that came through the API: exactly one cluster, user and context, and nothing that the portal would not
    /// honour.</summary>
    public static KubeconfigFacts Read(string cluster, string text, bool tlsMayBeOff)
    {
        var rules = new KubeconfigRules(isOperators: false, tlsMayBeOff);
        var facts = rules.Facts(cluster, KubeconfigText.Parse(cluster, text));
        return rules.problems.Count == 0 ? facts : throw new KubeconfigRefusedException(rules.problems);
    }

    /// <summary>Checks a file of the operator's, of which the current context is used.</summary>
    public static void Check(string cluster, string text, bool tlsMayBeOff)
    {
        var rules = new KubeconfigRules(isOperators: true, tlsMayBeOff);
        var root = KubeconfigText.Parse(cluster, text);
        var current = Text(root, "current-context");
        var context = Items(root, "contexts").FirstOrDefault(c => Text(c, "name") == current)?["context"] as JsonObject;
        if (Items(root, "clusters").FirstOrDefault(c => Text(c, "name") == Text(context, "cluster"))?["cluster"] is JsonObject endpoint)
        {
            rules.Fields(endpoint, "cluster", "server", "certificate-authority-data", "insecure-skip-tls-verify");
            rules.SkipsTls(endpoint);
        }

        if (Items(root, "users").FirstOrDefault(c => Text(c, "name") == Text(context, "user"))?["user"] is JsonObject user)
        {
            rules.Fields(user, "user", "token", "client-certificate-data", "client-key-data");
        }

        if (rules.problems.Count > 0)
        {
            throw new KubeconfigRefusedException(rules.problems);
        }
    }

    private KubeconfigFacts Facts(string cluster, JsonObject root)
    {
        Fields(root, "", "apiVersion", "kind", "preferences", "current-context", "clusters", "contexts", "users");
        var (context, endpoint, user) = (Only(root, "contexts", "context"), Only(root, "clusters", "cluster"), Only(root, "users", "user"));
        if (problems.Count == 0 && (context is null || endpoint is null || user is null))
        {
            throw KubeconfigText.Unreadable(cluster, "it is not a kubeconfig, or its cluster, user or context is empty");
        }

        Fields(context, "context", "cluster", "user", "namespace");
        Fields(endpoint, "cluster", "server", "certificate-authority-data", "insecure-skip-tls-verify");
        Fields(user, "user", "token", "client-certificate-data", "client-key-data");
        var names = (Name(root, "contexts"), Name(root, "clusters"), Name(root, "users"));
        if (context is not null && (Text(root, "current-context"), Text(context, "cluster"), Text(context, "user")) != names)
        {
            problems.Add("current-context, contexts: they must name the one context, cluster and user that are in it.");
        }

        var skips = SkipsTls(endpoint);
        var server = Server(Text(endpoint, "server"));
        var authority = Pem(endpoint, "cluster", "certificate-authority-data");
        Authority(authority, skips);
        var (token, certificate, key) = (
            Text(user, "token"),
            Pem(user, "user", "client-certificate-data"),
            Pem(user, "user", "client-key-data")
        );
        Credentials(token, certificate, key, user);
        return new KubeconfigFacts(server, skips ? "" : authority, token, certificate, key);
    }

    private void Fields(JsonObject? node, string kind, params ReadOnlySpan<string> honoured)
    {
        foreach (var (field, value) in node ?? [])
        {
            var name = kind.Length == 0 ? field : $"{kind}.{field}";
            if (
                value is null
                || field == "extensions"
                || honoured.Contains(field)
                || IsEmpty(value)
                || (isOperators && ForOperators.Contains(name))
            )
            {
                continue;
            }

            problems.Add(
                Refused.TryGetValue(name, out var why)
                    ? $"{name}: {why}"
                    : $"{Shown(name)}: the portal does not know this field, so it cannot honour it. Leave it out."
            );
        }
    }

    private bool SkipsTls(JsonObject? endpoint)
    {
        var text = Text(endpoint, "insecure-skip-tls-verify");
        var skips = text == "true";
        if (text is not ("" or "true" or "false"))
        {
            problems.Add("cluster.insecure-skip-tls-verify: use true or false.");
        }
        else if (skips && !tlsMayBeOff)
        {
            problems.Add(
                "cluster.insecure-skip-tls-verify: TLS verification cannot be off. Give the cluster's certificate authority as certificate-authority-data."
            );
        }

        return skips;
    }

    private string Server(string text)
    {
        if (
            !Uri.TryCreate(text, UriKind.Absolute, out var uri)
            || uri.Scheme != Uri.UriSchemeHttps
            || uri.UserInfo.Length > 0
            || uri.Query.Length > 0
            || uri.Fragment.Length > 0
            || text.Length > 500
            || text.Any(char.IsControl)
        )
        {
            problems.Add("cluster.server: it must be an https address, without a user, a query or a fragment.");
            return "";
        }

        return ClusterPins.Normal(uri);
    }

    private void Authority(string pem, bool skips)
    {
        if (pem.Length == 0)
        {
            if (!skips && !problems.Exists(p => p.StartsWith("cluster.certificate-authority", StringComparison.Ordinal)))
            {
                problems.Add(
                    "cluster.certificate-authority-data: it is missing. The portal pins the authority that the cluster's certificate must come from."
                );
            }

            return;
        }

        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(pem);
            if (found.Count is 0 or > MostAuthorities)
            {
                problems.Add($"cluster.certificate-authority-data: it must hold 1 to {MostAuthorities} certificates.");
            }
        }
        catch (CryptographicException)
        {
            problems.Add("cluster.certificate-authority-data: its certificates cannot be read.");
        }
    }

    private void Credentials(string token, string certificate, string key, JsonObject? user)
    {
        if (token.Any(c => c is <= ' ' or > '~'))
        {
            problems.Add("user.token: it has characters that a token cannot have.");
        }

        if (certificate.Length > 0 || key.Length > 0)
        {
            try
            {
                using var both = X509Certificate2.CreateFromPem(certificate, key);
            }
            catch (Exception e) when (e is CryptographicException or ArgumentException)
            {
                problems.Add(
                    "user.client-certificate-data, user.client-key-data: they are not a certificate and the key that belongs to it."
                );
            }

            if (token.Length > 0)
            {
                problems.Add("user.token, user.client-certificate-data: give one of them; which one counts would be up to the cluster.");
            }
        }
        else if (token.Length == 0 && user is not null && !problems.Exists(p => p.StartsWith("user.", StringComparison.Ordinal)))
        {
            problems.Add("user: it has no credentials. Give a service account's token or a client certificate.");
        }
    }

    private string Pem(JsonObject? node, string kind, string field)
    {
        var text = Text(node, field);
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            problems.Add($"{kind}.{field}: it is not base64.");
            return "";
        }
    }

    private JsonObject? Only(JsonObject root, string list, string field)
    {
        var items = Items(root, list).ToList();
        if (items.Count > 1)
        {
            problems.Add(
                $"{list}: it has {items.Count} of them, and the portal keeps no credentials that it does not use. 'kubectl config view --flatten --minify --raw' leaves the current one."
            );
        }

        foreach (var item in items)
        {
            Fields(item, list, "name", field);
        }

        return items is [var only] ? only[field] as JsonObject : null;
    }

    private static IEnumerable<JsonObject> Items(JsonObject root, string list) => (root[list] as JsonArray ?? []).OfType<JsonObject>();

    private static string Name(JsonObject root, string list) => Text(Items(root, list).FirstOrDefault(), "name");

    private static string Text(JsonObject? node, string field) => node?[field] is JsonValue value ? value.GetValue<string>() : "";

    private static bool IsEmpty(JsonNode value) =>
        value is JsonObject { Count: 0 } or JsonArray { Count: 0 } || (value is JsonValue text && text.GetValue<string>().Length == 0);

    private static string Shown(string name) =>
        name.Length <= 60 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_') ? name : "a field with a strange name";
}
