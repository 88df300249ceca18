using CsCheck;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Imports;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Imports;

/// <summary>Nothing of a file gets lost without a word, and no word holds a secret.</summary>
public sealed class ImportAccountTests
{
    [Fact]
    public void Account_OfFilesOfEveryShape_NamesEveryLeafOnce() => Assert.All(ImportFiles.All, NamesEveryLeafOnce);

    [Fact]
    public void Account_OfWholeValuesFilesOfCharts_NamesEveryLeafOnce() =>
        Assert.All(
            [
                Path.Combine(Shared.Repository.Charts, "gateway", "values.yaml"),
                Path.Combine(Shared.Repository.Root, "tests", "Shared", "Charts", "gateway-1.0.8", "values.yaml"),
            ],
            file => NamesEveryLeafOnce(File.ReadAllText(file))
        );

    [Fact]
    public void Account_OfAnyTree_NamesEveryLeafOnce()
    {
        var name = Gen.OneOf(
            "environment",
            "data",
            "secret",
            "service",
            "type",
            "port",
            "annotations",
            "ingress",
            "enabled",
            "hosts",
            "host",
            "a.b",
            "a",
            "b",
            "images",
            "gatewayImage",
            "tag",
            "LOG_STORE",
            "REDIS_URL",
            "PORTKEY_CLIENT_AUTH",
            "name",
            "value",
            "extraEnv",
            "envFrom",
            "secretRef",
            "serviceAccount",
            "autoscaling",
            "imageCredentials",
            "password",
            "tolerations",
            "redis",
            "external",
            "dataservice",
            "livenessProbe",
            "periodSeconds",
            "volumes"
        );
        var scalar = Gen.OneOf(
            "true",
            "\"true\"",
            "yes",
            "1",
            "0123",
            "LoadBalancer",
            "redis://u:p@h:1",
            "'<x>'",
            "'${a}'",
            "null",
            "''",
            "{}",
            "[]",
            "6e4",
            "text",
            "NodePort"
        );
        var tree = Gen.Recursive<string>(
            (depth, inner) =>
                depth > 4
                    ? scalar
                    : Gen.Frequency(
                        (2, scalar),
                        (
                            3,
                            Gen.Select(name, inner)
                                .Array[1, 5]
                                .Select(e => $"{{{string.Join(", ", e.Select(p => $"\"{p.Item1}\": {p.Item2}"))}}}")
                        ),
                        (1, inner.Array[1, 3].Select(e => $"[{string.Join(", ", e)}]"))
                    )
        );
        Gen.Select(name, tree)
            .Array[1, 6]
            .Select(e => string.Join('\n', e.Select(p => $"\"{p.Item1}\": {p.Item2}")))
            .Sample(NamesEveryLeafOnce, iter: 2000);
    }

    [Fact]
    public void Account_OfFilesWithASecret_NeverHoldsIt() =>
        Assert.All(
            ImportFiles.WithCanary,
            file =>
            {
                var read = ValuesImporter.Read(file.Value);
                var shown = PortalJson.Write(
                    new
                    {
                        read.Spec,
                        read.Kept,
                        read.Corrections,
                        read.Dropped,
                        read.Problems,
                        read.Account.Secrets,
                    }
                );

                Assert.DoesNotContain(ImportFiles.Canary, shown, StringComparison.Ordinal);
            }
        );

    // Written apart from the importer: the leaves are counted in the tree of the file, before anything took anything out.
    private static void NamesEveryLeafOnce(string text)
    {
        var read = ValuesImporter.Read(text);
        var named = read
            .Kept.Keys.Concat(read.Corrections.Select(c => c.Field))
            .Concat(read.Dropped.Select(d => d.Field))
            .Concat(read.Account.Secrets.Keys)
            .ToList();
        var twice = named.GroupBy(n => n, StringComparer.Ordinal).Where(g => g.Count() > 1).Select(g => g.Key).ToList();
        Assert.True(twice.Count == 0, $"named twice: {string.Join(", ", twice)}\n{text}");
        var file = ImportFile.Read(text);
        var roots = file
            .Values.Leaves()
            .Concat(file.Beside.SelectMany(b => b.Node.Leaves()))
            .Concat(file.Named)
            .ToHashSet<ValueNode>(ReferenceEqualityComparer.Instance);
        var missing = roots
            .GroupBy(l => l.Path, StringComparer.Ordinal)
            .Where(g =>
                g.Key.Length > 0 && named.Count(n => n == g.Key || n.StartsWith(g.Key + " (", StringComparison.Ordinal)) < g.Count()
            )
            .Select(g => g.Key)
            .ToList();
        Assert.True(missing.Count == 0, $"not named: {string.Join(", ", missing)}\n{text}");
    }
}
