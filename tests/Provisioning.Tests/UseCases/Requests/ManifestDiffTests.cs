using Portkey.Portal.Provisioning.Clusters.Helm;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>The difference that an approver reads.</summary>
public sealed class ManifestDiffTests
{
    private const string Service = "---\n# Source: gateway/templates/service.yaml\nkind: Service\nmetadata:\n  name: a\nspec:\n  port: 1\n";
    private const string Account = "---\nkind: ServiceAccount\nmetadata:\n  name: a\n";

    [Fact]
    public void Compare_SameManifestInAnotherOrder_ChangesNothing() =>
        Assert.All(ManifestDiff.Compare(Service + Account, Account + Service), d => Assert.Equal(DiffChange.Unchanged, d.Change));

    [Fact]
    public void Compare_FromNothingAndToNothing_AddsAndRemovesAll()
    {
        Assert.All(ManifestDiff.Compare("", Service + Account), d => Assert.Equal(DiffChange.Added, d.Change));
        Assert.Equal(2, ManifestDiff.Compare(Service + Account, "").Count(d => d.Change == DiffChange.Removed));
    }

    [Fact]
    public void Compare_OneLineChanged_ShowsThatLineOldAndNew()
    {
        var diff = Assert.Single(ManifestDiff.Compare(Service, Service.Replace("port: 1", "port: 2")));

        Assert.Equal(("Service", "a", DiffChange.Changed), (diff.Kind, diff.Name, diff.Change));
        Assert.Equal(["  port: 1"], diff.Lines.Where(l => l.Change == DiffChange.Removed).Select(l => l.Text));
        Assert.Equal(["  port: 2"], diff.Lines.Where(l => l.Change == DiffChange.Added).Select(l => l.Text));
        Assert.DoesNotContain(diff.Lines, l => l.Text.Contains("Source:", StringComparison.Ordinal));
    }

    [Fact]
    public void Objects_OfAManifest_NamesThemInOrder() =>
        Assert.Equal([("Service", "a"), ("ServiceAccount", "a")], ManifestDiff.Objects(Service + Account));
}
