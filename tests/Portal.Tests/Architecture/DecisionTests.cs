using System.Text.RegularExpressions;
using Portkey.Portal.Data;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Tests.Architecture;

/// <summary>What the portal decides by stands in columns: JSON is read whole, by those named here, and nothing is looked for in it, in
/// manifests or in sentences.</summary>
public sealed partial class DecisionTests
{
    private const string Operations = "Provisioning/Engine/Operations/";
    private const string Changes = "Provisioning/UseCases/Changes/";

    // Why each is JSON, and who reads it: files, or folders with a slash at the end.
    private static readonly Dictionary<string, (string Why, string[] Readers)> Documents = new(StringComparer.Ordinal)
    {
        [nameof(EnvironmentContent.SpecJson)] = (
            "the document that was approved, to the letter; what is asked of many at once is a column beside it",
            [
                Operations,
                "Provisioning/Engine/Preflight/PreflightDispatcher.cs",
                "Provisioning/Engine/Preflight/Checks/RegistryTrust.cs",
                "Provisioning/UseCases/Approvals/",
                "Provisioning/UseCases/Requests/",
                "Provisioning/UseCases/Environments/EnvironmentService.cs",
            ]
        ),
        [nameof(ChangeRequest.FindingsJson)] = (
            "shown with the request, decides nothing",
            ["Provisioning/UseCases/Requests/RequestViews.cs", "Provisioning/UseCases/Requests/WaitingRequests.cs"]
        ),
        [nameof(ChangeRequest.PolicyJson)] = (
            "shown with the request, decides nothing",
            ["Provisioning/UseCases/Requests/RequestViews.cs"]
        ),
        [nameof(PreflightRun.ResultsJson)] = (
            "shown; what is asked of it, failures and warnings, are columns beside it",
            ["Provisioning/Engine/Preflight/PreflightViews.cs", "Provisioning/Engine/Preflight/PreflightDispatcher.cs"]
        ),
        [nameof(Operation.StreamsJson)] = ("counts of streams, shown", [Operations]),
        [nameof(GatewayEnvironment.TopologyJson)] = (
            "the picture as last seen, shown",
            ["Provisioning/Engine/Health/HealthSweep.cs", Operations, "Provisioning/UseCases/Environments/Topology.cs"]
        ),
        [nameof(Cluster.NodesJson)] = (
            "rooms of nodes as last seen, of one cluster at a time, and shown",
            [
                "Provisioning/Engine/Health/HealthSweep.cs",
                "Provisioning/UseCases/Catalog/CatalogService.cs",
                "Provisioning/UseCases/Requests/Proposals.cs",
            ]
        ),
        [nameof(ChartVersion.SettingsJson)] = (
            "what the chart's own values take, of one chart at a time",
            ["Provisioning/UseCases/Catalog/ChartRows.cs"]
        ),
        [nameof(ChartVersion.DependsOnJson)] = (
            "what the chart's templates look at, shown",
            ["Provisioning/UseCases/Catalog/ChartRows.cs"]
        ),
        [nameof(Import.ViewJson)] = ("what was understood of a file, shown", ["Provisioning/UseCases/Imports/ImportService.cs"]),
        [nameof(AuditEvent.BeforeJson)] = ("signed facts, to the letter", ["Provisioning/UseCases/Audit/", Changes]),
        [nameof(AuditEvent.AfterJson)] = ("signed facts, to the letter", ["Provisioning/UseCases/Audit/", Changes]),
        [nameof(GovernanceChange.PayloadJson)] = (
            "sealed content of one proposal, read when it is carried out",
            [
                Changes,
                "Provisioning/UseCases/Catalog/",
                "Provisioning/UseCases/Credentials/CredentialPolicies.cs",
                "Provisioning/Engine/KeyIssuing/CredentialProviders.cs",
                "Provisioning/Engine/SecretDelivery/SecretDeliveryService.cs",
                "Provisioning/Engine/Preflight/Jobs/PreflightJobsService.cs",
            ]
        ),
    };

    [Fact]
    public void Entities_ColumnsOfJson_AreThoseWithAReason() =>
        Assert.Equal(
            Documents.Keys.Order(StringComparer.Ordinal),
            typeof(PortalDbContext)
                .Assembly.GetTypes()
                .Where(t => t.Namespace == typeof(Finding).Namespace)
                .SelectMany(t => t.GetProperties())
                .Select(p => p.Name)
                .Where(n => n.EndsWith("Json", StringComparison.Ordinal) && n != "Json")
                .Distinct()
                .Order(StringComparer.Ordinal)
        );

    [Fact]
    public void Sources_JsonColumn_IsReadByThoseNamed()
    {
        var found = Sources()
            .SelectMany(f => f.Lines.SelectMany(l => Column().Matches(l).Select(m => (f.File, Column: m.Groups["column"].Value))))
            .Where(r =>
                Documents.TryGetValue(r.Column, out var document)
                && !Array.Exists(document.Readers, o => r.File.StartsWith(o, StringComparison.Ordinal))
            )
            .Select(r => $"{r.File} reads {r.Column}")
            .Distinct()
            .ToList();

        Assert.True(
            found.Count == 0,
            $"What is decided by belongs in a column; what is only read whole, in the list of this test:\n{string.Join('\n', found)}"
        );
    }

    [Fact]
    public void Sources_ThoseNamed_StillReadIt()
    {
        var sources = Sources();
        Assert.All(
            Documents,
            d =>
                Assert.All(
                    d.Value.Readers,
                    reader =>
                        Assert.True(
                            sources.Exists(f =>
                                f.File.StartsWith(reader, StringComparison.Ordinal)
                                && f.Lines.Any(l => Column().Matches(l).Any(m => m.Groups["column"].Value == d.Key))
                            ),
                            $"{reader} does not read {d.Key} any more."
                        )
                )
        );
    }

    [Fact]
    public void Sources_JsonManifestOrSentence_IsNotSearched()
    {
        var found = Sources().SelectMany(f => f.Lines.Where(l => Search().IsMatch(l)).Select(l => $"{f.File}: {l.Trim()}")).ToList();

        Assert.True(found.Count == 0, $"Make it a column, or read the field of the object:\n{string.Join('\n', found)}");
    }

    [Theory]
    [InlineData("EF.Functions.Like(r.Name, \"%a%\")")]
    [InlineData("db.Revisions.Where(r => r.Content.SpecJson.Contains(account))")]
    [InlineData("r.SpecJson!.StartsWith(json)")]
    [InlineData("context.Revision!.Content.ManifestYaml.Contains(name, StringComparison.Ordinal)")]
    [InlineData("p[\"spec\"]!.ToJsonString().Contains(kind, StringComparison.Ordinal)")]
    [InlineData("db.Findings.Where(f => f.Message.StartsWith(start))")]
    [InlineData("finding.Message.Split(' ')[0]")]
    [InlineData("finding.Message[..finding.Message.IndexOf(' ')]")]
    public void Search_OfWhatItIsFor_IsFound(string line) => Assert.Matches(Search(), line);

    private static List<(string File, List<string> Lines)> Sources()
    {
        var source = Path.Combine(Repository.Root, "src");
        return
        [
            .. Directory
                .EnumerateFiles(source, "*.*", SearchOption.AllDirectories)
                .Where(f => f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".razor", StringComparison.Ordinal))
                .Select(f => (File: Path.GetRelativePath(source, f).Replace('\\', '/'), Path: f))
                .Where(f =>
                    (f.File.StartsWith("Provisioning/", StringComparison.Ordinal) || f.File.StartsWith("Portal/", StringComparison.Ordinal))
                    && !f.File.Contains("/obj/", StringComparison.Ordinal)
                )
                .Select(f =>
                    (f.File, File.ReadLines(f.Path).Where(l => !l.TrimStart().StartsWith("//", StringComparison.Ordinal)).ToList())
                ),
        ];
    }

    // A name in an initializer is a write; behind a dot it is a read, or the target of an update, which counts as one.
    [GeneratedRegex(@"\.(?<column>[A-Z]\w*Json)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Column();

    [GeneratedRegex(
        @"EF\.Functions|(\w(Json|Yaml)|\.ToJsonString\(\))!?\.(Contains|StartsWith|EndsWith|IndexOf|Split|Substring)\(|\b(f|finding)\.Message(!?\.(Contains|StartsWith|EndsWith|IndexOf|Split|Substring)\(|\[)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 5000
    )]
    private static partial Regex Search();
}
