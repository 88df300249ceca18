using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;

namespace Portkey.Portal.Provisioning.Clouds.Azure;

/// <summary>Makes clients of Key Vault.</summary>
internal static class KeyVaultClients
{
    /// <summary>One for a vault; its calls share one budget.</summary>
    public static SecretClient Create(
        Uri address,
        VaultOptions options,
        TokenCredential credential,
        TimeProvider time,
        HttpPipelineTransport? transport
    )
    {
        var limit = TimeSpan.FromSeconds(options.TimeoutSeconds);
        var settings = new SecretClientOptions
        {
            // The challenge says whom the token is for. With the check on, no server can make the portal sign in to another one.
            DisableChallengeResourceVerification = false,
            Retry =
            {
                MaxRetries = 3,
                Mode = RetryMode.Exponential,
                Delay = TimeSpan.FromMilliseconds(400),
                MaxDelay = limit,
                NetworkTimeout = limit / 2,
            },
            Diagnostics = { IsLoggingContentEnabled = false, IsTelemetryEnabled = false },
        };
        settings.Transport = transport ?? settings.Transport;
        settings.AddPolicy(
            new CallBudgetPolicy(new CallBudget(options.CallsPerSecond, time), limit, time),
            HttpPipelinePosition.BeforeTransport
        );
        return new SecretClient(address, credential, settings);
    }
}
