namespace Portkey.Portal.E2E.Support;

/// <summary>Bodies of POST /requests.</summary>
internal static class Proposals
{
    public static object Oss(
        string name,
        string team = "payments",
        string reason = "for the checkout",
        IDictionary<string, string>? settings = null
    ) =>
        new
        {
            kind = "create",
            team,
            name,
            cluster = "sandbox",
            profile = "dev",
            reason,
            spec = new
            {
                edition = "oss",
                settings = settings ?? new Dictionary<string, string>(StringComparer.Ordinal),
                network = new { exposure = "internal" },
            },
        };

    public static object Enterprise(
        string name,
        string clientKey,
        string organisations = "1b0c6f5e-1111-4222-8333-444455556666",
        string reason = "for the checkout"
    ) =>
        new
        {
            kind = "create",
            team = "payments",
            name,
            cluster = "sandbox",
            profile = "dev",
            reason,
            spec = new
            {
                edition = "enterprise",
                settings = new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["ORGANISATIONS_TO_SYNC"] = organisations,
                    ["SERVICE_NAME"] = name,
                },
                secrets = new Dictionary<string, string>(StringComparer.Ordinal) { ["PORTKEY_CLIENT_AUTH"] = clientKey },
                network = new { exposure = "internal" },
            },
        };

    /// <summary>One whose client key is a shared credential.</summary>
    public static System.Text.Json.Nodes.JsonNode EnterpriseSharing(string name, string shared)
    {
        var body = System.Text.Json.JsonSerializer.SerializeToNode(Enterprise(name, ""))!;
        body["spec"]!["secrets"] = new System.Text.Json.Nodes.JsonObject();
        body["spec"]!["sharedSecrets"] = new System.Text.Json.Nodes.JsonObject { ["PORTKEY_CLIENT_AUTH"] = shared };
        return body;
    }
}
