using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.UseCases.Approvals;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Portkey.Portal.Provisioning.UseCases.Requests;
using Portkey.Portal.Provisioning.UseCases.Teams;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.UseCases.Requests;

/// <summary>What an approval binds to, and who may give one.</summary>
public sealed class ContentDigestTests
{
    private static readonly Guid Cluster = Guid.Parse("0199a000-0000-7000-8000-000000000002");

    [Fact]
    public void Of_AnyFieldChanged_GivesAnotherDigest()
    {
        string Of(
            RequestKind kind = RequestKind.Create,
            Guid? environment = null,
            Guid? cluster = null,
            string ns = "n",
            string profile = "dev",
            int revision = 0,
            string spec = "{}",
            string chart = "sha256:1",
            string values = "a: 1",
            string manifest = "kind: A",
            string secrets = "{}",
            string release = "r"
        ) => ContentDigest.Of(Content(kind, environment, cluster, ns, profile, revision, spec, chart, values, manifest, secrets, release));

        string[] all =
        [
            Of(),
            Of(kind: RequestKind.Change),
            Of(environment: Cluster),
            Of(cluster: Inputs.Environment),
            Of(ns: "m"),
            Of(profile: "standard"),
            Of(revision: 1),
            Of(spec: "{ }"),
            Of(chart: "sha256:2"),
            Of(values: "a: 2"),
            Of(manifest: "kind: B"),
            Of(secrets: """{"K":1}"""),
            Of(release: "s"),
            // What moves from one field into its neighbour is another content too.
            Of(values: "a: 1kind: A", manifest: ""),
            Of(ns: "nd", profile: "ev"),
            Of(release: "{}r"),
        ];

        Assert.Equal(Of(), Of());
        Assert.StartsWith("sha256:", Of(), StringComparison.Ordinal);
        Assert.Equal(all.Length, all.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Fits_DigestFromBeforeTheReleaseTookPart_HoldsForTheOneNameThereWas_AndNoOther()
    {
        // As the portal before wrote it for this content.
        const string Before = "sha256:e2a7017c89e522d9bd5a587e4f49349f0303d4eacf350b1c4a600dac9bb9bb50";
        var content = Content(release: "portkey-gateway");

        Assert.True(ContentDigest.Fits(Before, content));
        Assert.True(ContentDigest.Fits(ContentDigest.Of(content), content));
        Assert.False(ContentDigest.Fits(Before, content with { Release = "another" }));
        Assert.False(ContentDigest.Fits(Before, content with { ManifestYaml = "kind: B" }));
        Assert.False(ContentDigest.Fits(ContentDigest.Of(content), content with { Release = "another" }));
    }

    [Fact]
    public void Of_TheSameContent_IsWhatItWasBeforeSecretsWereRows()
    {
        // Computed by the portal that kept them as JSON: whatever becomes of the rows, an approval of then holds.
        const string Before = "sha256:98257526c398a1522c53b0f4c40d56e0efbb78d0e922978d7cffd9ceda636b95";
        RequestSecret[] rows =
        [
            new()
            {
                Key = "REDIS_URL",
                SecretReferenceId = Guid.NewGuid(),
                VaultName = "env-1-redis-url",
                Number = 3,
                VaultVersion = "9f2",
                Address = "cache.example.com:6380",
            },
            new()
            {
                Key = "PORTKEY_CLIENT_AUTH",
                SecretReferenceId = Guid.NewGuid(),
                VaultName = "payments/env-1-portkey-client-auth",
                Number = 1,
                VaultVersion = "0a1",
            },
        ];

        Assert.Equal(
            """{"PORTKEY_CLIENT_AUTH":{"vaultName":"payments/env-1-portkey-client-auth","number":1,"vaultVersion":"0a1"},"REDIS_URL":{"vaultName":"env-1-redis-url","number":3,"vaultVersion":"9f2","address":"cache.example.com:6380"}}""",
            SecretPins.Write(rows)
        );
        Assert.Equal(Before, ContentDigest.Of(Content(secrets: SecretPins.Write(rows), release: "portkey-gateway")));
    }

    private static ApprovedContent Content(
        RequestKind kind = RequestKind.Create,
        Guid? environment = null,
        Guid? cluster = null,
        string ns = "n",
        string profile = "dev",
        int revision = 0,
        string spec = "{}",
        string chart = "sha256:1",
        string values = "a: 1",
        string manifest = "kind: A",
        string secrets = "{}",
        string release = "r"
    ) =>
        new()
        {
            Kind = kind,
            EnvironmentId = environment ?? Inputs.Environment,
            ClusterId = cluster ?? Cluster,
            Namespace = ns,
            Release = release,
            Profile = profile,
            BaseRevision = revision,
            SpecJson = spec,
            ChartDigest = chart,
            ValuesYaml = values,
            ManifestYaml = manifest,
            SecretVersionsJson = secrets,
        };

    [Theory]
    [InlineData("admin-1", true, RequestState.Pending, "")]
    [InlineData("lead", true, RequestState.Pending, "yourself")]
    [InlineData("admin-1", false, RequestState.Pending, "administrators")]
    [InlineData("admin-1", true, RequestState.Approved, "approved already")]
    [InlineData("admin-1", true, RequestState.Cancelled, "cancelled already")]
    public void WhyNotDecide_PersonAndState_SaysWhy(string person, bool administrator, RequestState state, string why)
    {
        var answer = ApprovalPolicy.WhyNotDecide(new Access(person, person, administrator, IsAuditor: true, []), "lead", state);

        Assert.Equal(why.Length == 0, answer.Length == 0);
        Assert.Contains(why, answer, StringComparison.Ordinal);
    }

    [Fact]
    public void For_EveryKind_AsksForAnApproval() =>
        Assert.All(Enum.GetValues<RequestKind>(), kind => Assert.True(ApprovalPolicy.For(kind).Approvals >= 1));
}
