using System.Text.Json.Nodes;

namespace Portkey.Portal.Sandbox.Access;

/// <summary>Who asks.</summary>
internal sealed record Subject(string Name, IReadOnlyList<string> Groups)
{
    private const string Prefix = "system:serviceaccount:";

    /// <summary>Whoever has the token of the sandbox's own kubeconfig.</summary>
    public static Subject Admin { get; } = new("sandbox-admin", ["system:masters", "system:authenticated"]);

    public bool IsMaster => Groups.Contains("system:masters", StringComparer.Ordinal);

    public static Subject ServiceAccount(string ns, string name) =>
        new($"{Prefix}{ns}:{name}", ["system:serviceaccounts", $"system:serviceaccounts:{ns}", "system:authenticated"]);

    /// <summary>Whether a subject of a binding, <c>{"kind":"ServiceAccount","namespace":…,"name":…}</c>, means this one.</summary>
    public bool Is(JsonObject bound, string bindingNamespace) =>
        bound["kind"]?.ToString() switch
        {
            "User" => bound["name"]?.ToString() == Name,
            "Group" => Groups.Contains(bound["name"]?.ToString() ?? "", StringComparer.Ordinal),
            "ServiceAccount" => $"{Prefix}{bound["namespace"]?.ToString() ?? bindingNamespace}:{bound["name"]}" == Name,
            _ => false,
        };

    public JsonObject ToJson() => new() { ["username"] = Name, ["groups"] = new JsonArray([.. Groups.Select(g => (JsonNode)g)]) };

    public static Subject Of(HttpContext context) =>
        context.Features.Get<Subject>() ?? throw new InvalidOperationException("Nobody was let in.");
}
