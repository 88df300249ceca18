using System.Text.Json.Nodes;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Charts;

/// <summary>What a gateway's namespace is held to.</summary>
public sealed class GuardrailsTests
{
    [Fact]
    public async Task Template_Defaults_DenyAllButDnsAndTheNamespaceItself()
    {
        var rendered = (await HelmTool.TemplateAsync("guardrails", null, "guardrails")).Manifests();

        var policies = rendered.Objects.Where(o => o.Text("kind") == "NetworkPolicy").ToList();
        Assert.Equal(
            ["guardrails-allow-dns", "guardrails-allow-in-namespace", "guardrails-default-deny"],
            policies.Select(p => p.Text("metadata", "name")).Order(StringComparer.Ordinal)
        );
        var deny = rendered.One("NetworkPolicy", "guardrails-default-deny")["spec"];
        Assert.Equal(["Ingress", "Egress"], deny.Items("policyTypes").Select(type => type.ToString()));
        Assert.Null(deny.At("ingress"));
        Assert.Null(deny.At("egress"));
        Assert.Empty(deny.At("podSelector")!.AsObject());
        Assert.All(rendered.Objects, o => Assert.Equal("portkey-portal", o.Text("metadata", "labels", "app.kubernetes.io/part-of")));
    }

    [Fact]
    public async Task Template_StandardProfile_OpensWhatIsListedAndNoMore()
    {
        var path = RepositoryFiles.Profile("guardrails", "standard-values.yaml");
        var rendered = (await HelmTool.TemplateAsync("guardrails", null, "guardrails", path)).Manifests();

        var egress = Assert.Single(rendered.One("NetworkPolicy", "guardrails-egress-providers").Items("spec", "egress"));
        Assert.Equal("443", Assert.Single(egress.Items("ports")).Text("port"));
        Assert.Contains("169.254.169.254/32", egress.Items("to")[0].Items("ipBlock", "except").Select(e => e.ToString()));
        var ingress = Assert.Single(rendered.One("NetworkPolicy", "guardrails-allow-ingress").Items("spec", "ingress"));
        Assert.Equal(2, ingress.Items("from").Count);
        Assert.Equal("8787", Assert.Single(ingress.Items("ports")).Text("port"));
        Assert.Equal("1", rendered.One("PodDisruptionBudget").Text("spec", "minAvailable"));
        Assert.Equal("12", rendered.One("ResourceQuota").Text("spec", "hard", "pods"));
        Assert.Equal("100m", rendered.One("LimitRange").Items("spec", "limits")[0].Text("defaultRequest", "cpu"));
    }

    [Fact]
    public async Task Template_CallersAsPlainRanges_AreAllowedLikeThoseWithExceptions()
    {
        var path = RepositoryFiles.Profile("guardrails", "mission-critical-values.yaml");
        var rendered = (await HelmTool.TemplateAsync("guardrails", null, "guardrails", path)).Manifests();

        var rule = Assert.Single(rendered.One("NetworkPolicy", "guardrails-allow-ingress").Items("spec", "ingress"));
        Assert.Equal(["10.0.0.0/8", "192.168.0.0/16"], rule.Items("from").Skip(1).Select(from => from.Text("ipBlock", "cidr")));
    }

    [Theory]
    [InlineData("""{ "bogusKey": 1 }""", "bogusKey")]
    [InlineData("""{ "egress": [{ "name": "x", "cidr": "example.com" }] }""", "/egress/0/cidr")]
    [InlineData("""{ "egress": [{ "name": "x", "cidr": "10.0.0.0/8", "port": 443 }] }""", "/egress/0")]
    [InlineData("""{ "ingress": { "fromNamespaces": ["{{ .Values }}"] } }""", "/ingress/fromNamespaces/0")]
    [InlineData("""{ "ingress": { "fromCidrs": ["anywhere"] } }""", "/ingress/fromCidrs/0")]
    [InlineData("""{ "pdb": { "enabled": true } }""", "pdb.minAvailable")]
    [InlineData("""{ "pdb": { "enabled": true, "minAvailable": 1, "maxUnavailable": 1 } }""", "pdb.minAvailable")]
    [InlineData("""{ "pdb": { "selectorLabels": "gateway" } }""", "/pdb/selectorLabels")]
    [InlineData("""{ "resourceQuota": { "hard": { "pods": "many" } } }""", "/resourceQuota/hard/pods")]
    [InlineData("""{ "limitRange": { "max": { "cpu": true } } }""", "/limitRange/max/cpu")]
    public async Task Template_UnknownOrIllTypedValue_IsRefusedAndNamed(string values, string named)
    {
        var helm = await HelmTool.TemplateAsync("guardrails", JsonNode.Parse(values)!.AsObject());

        Assert.NotEqual(0, helm.ExitCode);
        Assert.Contains(named, helm.Errors, StringComparison.Ordinal);
    }
}
