using CsCheck;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>Values as YAML text, before any chart reads them.</summary>
public sealed class ValuesRendererTests
{
    // Whatever the validator lets through: no control characters, no halves of surrogate pairs.
    private static readonly Gen<string> AnyText = Gen
        .String.Select(text => string.Concat(text.EnumerateRunes().Where(r => r.Value != 0xFFFD && !System.Text.Rune.IsControl(r))))
        .Where(text => text.Length > 0);

    [Fact]
    public void Gateway_AnySettingText_ComesBackFromTheYamlAsItWas() =>
        AnyText.Sample(text =>
        {
            var node = Data(
                ValuesRenderer.Gateway(Inputs.Render(Inputs.Oss(("TRUSTED_CUSTOM_HOSTS", text)), "dev", Inputs.Chart(Edition.Oss))),
                "TRUSTED_CUSTOM_HOSTS"
            );
            return node.Value == text;
        });

    [Fact]
    public void Gateway_WithALimitOfOldReplicaSets_SaysItOnlyWhereItIsGiven()
    {
        var spec = Inputs.Oss();

        Assert.DoesNotContain(
            "revisionHistoryLimit",
            ValuesRenderer.Gateway(Inputs.Render(spec, "dev", Inputs.Chart(Edition.Oss))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "revisionHistoryLimit: 3\n",
            ValuesRenderer.Gateway(Inputs.Render(spec with { RevisionHistoryLimit = 3 }, "dev", Inputs.Chart(Edition.Oss))),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("yes")]
    [InlineData("0123")]
    [InlineData("1e3")]
    [InlineData("null")]
    [InlineData("12")]
    [InlineData("~")]
    [InlineData("0o17")]
    [InlineData("1_000")]
    [InlineData("12:30:45")]
    public void Gateway_TextThatLooksLikeAnotherType_IsQuoted(string text)
    {
        var node = Data(
            ValuesRenderer.Gateway(Inputs.Render(Inputs.Oss(("TRUSTED_CUSTOM_HOSTS", text)), "dev", Inputs.Chart(Edition.Oss))),
            "TRUSTED_CUSTOM_HOSTS"
        );

        Assert.Equal(text, node.Value);
        Assert.NotEqual(YamlDotNet.Core.ScalarStyle.Plain, node.Style);
    }

    [Fact]
    public void Gateway_SameInputTwice_IsTheSameText()
    {
        var input = Inputs.Render(
            Inputs.Enterprise(),
            "mission-critical",
            Inputs.Chart(Edition.Enterprise),
            Inputs.Pins("REDIS_URL", "PORTKEY_CLIENT_AUTH")
        );
        var turned = input with
        {
            Secrets = Inputs.Pins("PORTKEY_CLIENT_AUTH", "REDIS_URL"),
            Spec = input.Spec with { Settings = input.Spec.Settings.Reverse().ToDictionary() },
        };

        Assert.Equal(ValuesRenderer.Gateway(input), ValuesRenderer.Gateway(turned));
        Assert.Equal(ValuesRenderer.Guardrails(input), ValuesRenderer.Guardrails(turned));
    }

    [Fact]
    public void Gateway_NewSecretVersion_ChangesThePodsSoThatTheyRestart()
    {
        var old = Inputs.Pins("PORTKEY_CLIENT_AUTH");
        var next = new Dictionary<string, SecretPin>(StringComparer.Ordinal)
        {
            ["PORTKEY_CLIENT_AUTH"] = old["PORTKEY_CLIENT_AUTH"] with { Number = 2, VaultVersion = "version-2" },
        };
        string Values(IReadOnlyDictionary<string, SecretPin> pins) =>
            ValuesRenderer.Gateway(Inputs.Render(Inputs.Enterprise(), "dev", Inputs.Chart(Edition.Enterprise), pins));

        Assert.NotEqual(Values(old), Values(next));
        Assert.Contains(
            $"portal.portkey.ai/secrets: {SecretPins.Fingerprint(next)}",
            Values(next).Replace("\"", "").Replace("'", ""),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Values_WithTheControlPlaneComingIn_LetItThroughWhereCallersAreLimited()
    {
        var spec = Inputs.Enterprise() with
        {
            Network = new()
            {
                Exposure = Exposure.LoadBalancer,
                AllowedRanges = ["10.0.0.0/8"],
                ControlPlaneInbound = ControlPlaneInbound.Addresses,
                ControlPlaneRanges = ["203.0.113.0/28"],
            },
        };
        var input = Inputs.Render(spec, "dev", Inputs.Chart(Edition.Enterprise));
        Assert.Contains(
            "azure-allowed-ip-ranges: 10.0.0.0/8,203.0.113.0/28",
            ValuesRenderer.Gateway(input).Replace("\"", "").Replace("'", ""),
            StringComparison.Ordinal
        );
        Assert.Contains("203.0.113.0/28", ValuesRenderer.Guardrails(input), StringComparison.Ordinal);

        var linked = spec with
        {
            Network = new()
            {
                Exposure = Exposure.LoadBalancer,
                InternalLoadBalancer = true,
                ControlPlaneInbound = ControlPlaneInbound.PrivateLink,
            },
        };
        Assert.Contains(
            "azure-pls-create",
            ValuesRenderer.Gateway(Inputs.Render(linked, "dev", Inputs.Chart(Edition.Enterprise))),
            StringComparison.Ordinal
        );
    }

    private static YamlScalarNode Data(string yaml, string key)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return (YamlScalarNode)stream.Documents[0].RootNode["environment"]["data"][key];
    }
}
