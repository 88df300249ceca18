using System.Text.RegularExpressions;
using Portkey.Portal.Shared;

namespace Portkey.Portal.Portal.Tests.Architecture;

/// <summary>What others wrote is read by <c>src/Provisioning/Reading</c> and by nothing else.</summary>
public sealed partial class ReadingTests
{
    // Why each may: what it reads has passed the reader before, or is a literal or a file of the portal's own.
    private static readonly Dictionary<string, string> Allowed = new(StringComparer.Ordinal)
    {
        ["Portal/Api/OpenApiSetup.cs"] = "an example in the source",
        ["Provisioning/Audit/Seals/Seal.cs"] = "lines of its own file, which are signed and bounded where they are read",
        ["Provisioning/Audit/Seals/OldSeals.cs"] = "lines of its own file of before",
        ["Provisioning/Secrets/VaultFiles.cs"] = "the local vault's own files, which nobody else may read or write",
        ["Provisioning/Kubernetes/Kubeconfig.cs"] = "the library reads what BoundedYaml.Check has passed, or the operator's own file",
        ["Provisioning/Kubernetes/ListWatch.cs"] = "an element of a document that BoundedJson read",
        ["Provisioning/Kubernetes/ObjectList.cs"] = "an element of a document that BoundedJson read",
        ["Provisioning/Helm/ChartArchive.cs"] = "counts what the compression gives",
        ["Provisioning/Helm/ReleaseRecord.cs"] = "counts what the compression gives",
    };

    [Fact]
    public void Sources_ParsersOfTextFromOutside_AreUsedByTheReaderOnly()
    {
        var source = Path.Combine(Repository.Root, "src");
        var found = Directory.EnumerateFiles(source, "*.*", SearchOption.AllDirectories)
            .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
            .Select(f => (File: Path.GetRelativePath(source, f).Replace('\\', '/'), Path: f))
            .Where(f => !f.File.StartsWith("Sandbox/", StringComparison.Ordinal) && !f.File.Contains("/obj/", StringComparison.Ordinal) && !f.File.StartsWith("Provisioning/Reading/", StringComparison.Ordinal) && !Allowed.ContainsKey(f.File))
            .SelectMany(f => File.ReadLines(f.Path).Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal) && Parser().IsMatch(l)).Select(l => $"{f.File}: {l.Trim()}")).ToList();

        Assert.True(found.Count == 0, $"Read these by BoundedYaml or BoundedJson:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void Sources_ThoseThatMay_StillDo() =>
        Assert.All(Allowed.Keys, f => Assert.Matches(Parser(), File.ReadAllText(Path.Combine(Repository.Root, "src", f))));

    [GeneratedRegex(@"\b(YamlStream|DeserializerBuilder|IDeserializer|KubernetesYaml|LoadKubeConfig|BuildConfigFromConfigFile|LoadFromConfigFile|TarReader|TarFile|ZipArchive|ZipFile|GZipStream|DeflateStream|ZLibStream|BrotliStream|ReadFromJsonAsync|GetFromJsonAsync|ReadFromJson)\b|\bnew (Parser|Scanner)\(|\b(JsonDocument|JsonNode|JsonElement|JsonObject|JsonArray)\.Parse|\b(JsonSerializer|KubernetesJson)\.Deserialize", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Parser();
}
