using System.Text.Json.Nodes;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>One line of contract-values.csv: path,type,default,sample (the sample is JSON and may hold commas).</summary>
internal sealed record ContractRow(string Path, string Type, string Default, string Sample)
{
    public static IReadOnlyList<ContractRow> All { get; } =
    [
        .. File.ReadLines(RepositoryFiles.TestData("contract-values.csv"))
            .Where(line => line.Length > 0 && line[0] != '#')
            .Skip(1)
            .Select(line => line.Split(',', 4))
            .Select(cells => new ContractRow(cells[0], cells[1], cells[2], cells[3])),
    ];

    public IReadOnlyList<string> Keys => Path.Split('.');

    /// <summary>Where a schema error of this value is reported.</summary>
    public string Pointer => "/" + string.Join('/', Keys);

    // A probe's port may also be the name of one, as in Kubernetes.
    private bool NamedPort => Path.EndsWith("httpGet.port", StringComparison.Ordinal);

    /// <summary>A value that no reading of the type allows.</summary>
    public JsonNode IllTyped =>
        !NamedPort && Type is ("integer" or "boolean" or "object" or "array") ? JsonValue.Create("ill-typed") : new JsonArray(1);

    /// <summary>One values document of many single values.</summary>
    public static JsonObject Document(IEnumerable<(IReadOnlyList<string> Keys, JsonNode? Value)> values)
    {
        var root = new JsonObject();
        foreach (var (keys, value) in values)
        {
            var current = root;
            foreach (var key in keys.SkipLast(1))
            {
                current = (JsonObject)(current[key] ??= new JsonObject());
            }

            current[keys[^1]] = value;
        }

        return root;
    }
}
