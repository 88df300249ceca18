using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.Tests.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Shared;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

/// <summary>A real registry with users, and images pushed to it.</summary>
public sealed class ImageRegistryFixture : IAsyncLifetime
{
    public ImageHub Hub { get; private set; } = null!;

    public string Digest { get; private set; } = "";

    public string IndexDigest { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Hub = await ImageHub.StartAsync(isPrivate: true);
        Digest = await Hub.PushAsync("portkeyai/gateway_enterprise", "2.13.0", "one");
        IndexDigest = await Hub.PushIndexAsync("portkeyai/data-service", "1.9.0");
    }

    public ValueTask DisposeAsync() => Hub.DisposeAsync();
}

/// <summary>The image check against a real registry that asks for user and password.</summary>
public sealed class ImageRegistryTests(ImageRegistryFixture registry) : IClassFixture<ImageRegistryFixture>
{
    [Theory]
    [InlineData("gateway_enterprise:2.13.0", ImageHub.Password, CheckStatus.Passed, "is there, sha256:")]
    [InlineData("gateway_enterprise:9.9.9", ImageHub.Password, CheckStatus.Failed, "gateway_enterprise:9.9.9 does not exist")]
    [InlineData("no-such-thing:2.13.0", ImageHub.Password, CheckStatus.Failed, "no-such-thing:2.13.0 does not exist")]
    [InlineData(
        "gateway_enterprise@sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
        ImageHub.Password,
        CheckStatus.Failed,
        "does not exist"
    )]
    [InlineData("gateway_enterprise:2.13.0", "wrong", CheckStatus.Failed, "does not let portkey-customer pull")]
    [InlineData("gateway_enterprise:2.13.0", "", CheckStatus.Warning, "is not visible without credentials")]
    public async Task Run_OnARealRegistry_SaysWhatTheRegistrySays(string image, string password, CheckStatus status, string says) =>
        Subjects.Is(status, says, await Subjects.RunAsync("images", Subject([$"{registry.Hub.Host}/portkeyai/{image}"], password)));

    [Fact]
    public async Task Run_ImageAndIndex_RecordTheDigestsThatTheRegistryGaveAtThePush()
    {
        string[] images =
        [
            $"{registry.Hub.Host}/portkeyai/gateway_enterprise:2.13.0",
            $"{registry.Hub.Host}/portkeyai/data-service:1.9.0",
            $"{registry.Hub.Host}/portkeyai/data-service:1.9.0-arm64@{registry.IndexDigest}",
        ];

        var result = await Subjects.RunAsync("images", Subject(images, ImageHub.Password));

        Assert.Equal(CheckStatus.Passed, result.Status);
        Assert.Equal(
            [new(images[0], registry.Digest), new(images[1], registry.IndexDigest), new(images[2], registry.IndexDigest)],
            result.Images
        );
    }

    [Fact]
    public async Task Run_PasswordThatNobodyApprovedForThisRegistry_IsNotSent()
    {
        var result = await Subjects.RunAsync(
            "images",
            Subject([$"{registry.Hub.Host}/portkeyai/gateway_enterprise:2.13.0"], ImageHub.Password, maySignIn: false)
        );

        Subjects.Is(CheckStatus.Warning, RegistryTrust.WhyNot, result);
        Assert.Empty(result.Images);
    }

    [Fact]
    public async Task Run_LoopbackThatNobodyAllowed_IsNotCalled() =>
        Subjects.Is(
            CheckStatus.Failed,
            "does not call",
            await Subjects.RunAsync(
                "images",
                Subject([$"{registry.Hub.Host}/portkeyai/gateway_enterprise:2.13.0"], ImageHub.Password),
                new PreflightOptions()
            )
        );

    [Theory]
    [InlineData("registry.example.com", false, false, true)] // came with the request
    [InlineData("registry.example.com", false, true, false)] // a team's, that no revision has
    [InlineData("registry.example.com", true, false, true)]
    [InlineData("registry.example.com", true, true, true)]
    [InlineData("evil.example.com", true, false, false)]
    [InlineData("evil.example.com", true, true, false)]
    public void MaySignIn_StoredPassword_GoesWhereARevisionSentIt(string server, bool isApproved, bool isShared, bool expected)
    {
        var spec = Inputs.Enterprise(("REGISTRY_SERVER", server), ("REGISTRY_USERNAME", "portkey-customer")) with
        {
            SharedSecrets = isShared ? new Dictionary<string, string> { ["REGISTRY_PASSWORD"] = "pull" } : null,
        };
        var approved = Inputs.Enterprise(("REGISTRY_SERVER", "registry.example.com"), ("REGISTRY_USERNAME", "portkey-customer"));

        Assert.Equal(expected, RegistryTrust.MaySignIn(spec, isApproved ? [approved] : []));
    }

    private PreflightSubject Subject(string[] images, string password, bool maySignIn = true)
    {
        var containers = string.Join(", ", images.Select((i, n) => $"{{name: c{n}, image: \"{i}\"}}"));
        return new(
            Inputs.Enterprise(("REGISTRY_SERVER", registry.Hub.Host), ("REGISTRY_USERNAME", ImageHub.User)),
            $"apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: gateway}}\nspec: {{template: {{spec: {{containers: [{containers}]}}}}}}\n"
        )
        {
            Cluster = null!,
            Namespace = "payments-dev",
            EnvironmentId = Guid.NewGuid(),
            ReleaseName = "portkey-gateway",
            Zones = 1,
            MaySignInAtRegistry = maySignIn,
            Pins = password.Length == 0 ? Inputs.Pins() : Inputs.Pins("REGISTRY_PASSWORD"),
            Secrets =
                password.Length == 0
                    ? new Dictionary<string, SecretValue>()
                    : new Dictionary<string, SecretValue> { ["REGISTRY_PASSWORD"] = new(password) },
        };
    }
}
