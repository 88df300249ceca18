using Microsoft.Extensions.Options;
using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Engine.Preflight;
using Portkey.Portal.Provisioning.Engine.Preflight.Checks;
using Portkey.Portal.Provisioning.UseCases.Environments;
using Xunit;

namespace Portkey.Portal.Provisioning.Tests.Engine.Preflight.Checks;

/// <summary>Runs one check on settings and secrets, as preflight would.</summary>
internal static class Subjects
{
    public static PreflightSubject Of(
        IReadOnlyDictionary<string, string> settings,
        IReadOnlyDictionary<string, string>? secrets = null,
        Edition edition = Edition.Enterprise
    ) =>
        new(new EnvironmentSpec { Edition = edition, Settings = settings }, "")
        {
            Cluster = null!,
            Namespace = "payments-dev",
            EnvironmentId = Guid.NewGuid(),
            ReleaseName = "portkey-gateway",
            Zones = 1,
            Pins = new Dictionary<string, SecretPin>(),
            Secrets = (secrets ?? new Dictionary<string, string>()).ToDictionary(s => s.Key, s => new SecretValue(s.Value)),
        };

    public static async Task<CheckResult> RunAsync(string id, PreflightSubject subject, PreflightOptions? options = null)
    {
        options ??= new PreflightOptions { AllowedRanges = ["127.0.0.0/8"], TimeoutSeconds = 8 };
        var result = await new PreflightRunner(null!, new OutboundGuard(Options.Create(options)), Options.Create(options)).RunAsync(
            id,
            subject,
            TestContext.Current.CancellationToken
        );
        Assert.NotNull(result);
        foreach (var secret in subject.Secrets.Values.Where(s => s.Reveal().Length > 0))
        {
            Assert.DoesNotContain(secret.Reveal(), $"{result.Message} {result.Cure}", StringComparison.Ordinal);
        }

        return result;
    }

    public static void Is(CheckStatus status, string says, CheckResult result) =>
        Assert.True(
            result.Status == status && result.Message.Contains(says, StringComparison.Ordinal),
            $"{status} '{says}' was expected: {result}"
        );
}
