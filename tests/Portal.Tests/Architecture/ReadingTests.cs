using System.Text.RegularExpressions;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Tests.Architecture;

/// <summary>What others wrote is read by <c>src/Provisioning/Common/Reading</c> and by nothing else.</summary>
public sealed partial class ReadingTests
{
    // Why each may: what it reads has passed the reader before, or is a literal or a file of the portal's own.
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["Portal/Hosting/Api/OpenApiOperations.cs"] = "an example in the source",
        ["Provisioning/UseCases/Audit/Seal.cs"] = "lines of its own file, which are signed and bounded where they are read",
        ["Provisioning/UseCases/Audit/OldSeals.cs"] = "lines of its own file of before",
        ["Provisioning/Clouds/Local/VaultFiles.cs"] = "the local vault's own files, which nobody else may read or write",
        ["Provisioning/Clusters/Kubernetes/Kubeconfig.cs"] =
            "the library reads what BoundedYaml.Check has passed, or the operator's own file",
        ["Provisioning/Clusters/Kubernetes/ListWatch.cs"] = "an element of a document that BoundedJson read",
        ["Provisioning/Clusters/Kubernetes/ObjectList.cs"] = "an element of a document that BoundedJson read",
        ["Provisioning/Clusters/Helm/ChartArchive.cs"] = "counts what the compression gives",
        ["Provisioning/Clusters/Helm/ReleaseRecord.cs"] = "counts what the compression gives",
    };

    [Fact]
    public void Sources_ParsersOfTextFromOutside_AreUsedByTheReaderOnly()
    {
        var source = Path.Combine(Repository.Root, "src");
        var found = Directory
            .EnumerateFiles(source, "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Select(f => (File: Path.GetRelativePath(source, f).Replace('\\', '/'), Path: f))
            .Where(f =>
                !f.File.Contains("/obj/", StringComparison.Ordinal)
                && !f.File.StartsWith("Provisioning/Common/Reading/", StringComparison.Ordinal)
                && !Allowed.ContainsKey(f.File)
            )
            .SelectMany(f =>
                File.ReadLines(f.Path)
                    .Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal) && Parser().IsMatch(l))
                    .Select(l => $"{f.File}: {l.Trim()}")
            )
            .ToList();

        Assert.True(found.Count == 0, $"Read these by BoundedYaml or BoundedJson:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void Sources_ThoseThatMay_StillDo() =>
        Assert.All(Allowed.Keys, f => Assert.Matches(Parser(), File.ReadAllText(Path.Combine(Repository.Root, "src", f))));

    [GeneratedRegex(
        @"\b(YamlStream|DeserializerBuilder|IDeserializer|KubernetesYaml|LoadKubeConfig|BuildConfigFromConfigFile|LoadFromConfigFile|TarReader|TarFile|ZipArchive|ZipFile|GZipStream|DeflateStream|ZLibStream|BrotliStream|ReadFromJsonAsync|GetFromJsonAsync|ReadFromJson)\b|\bnew (Parser|Scanner)\(|\b(JsonDocument|JsonNode|JsonElement|JsonObject|JsonArray)\.Parse|\b(JsonSerializer|KubernetesJson)\.Deserialize",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Parser();
}
