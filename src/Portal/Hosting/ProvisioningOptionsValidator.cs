using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Web.Hosting;

/// <summary>Checks the engine's options at start, every error at once with its key.</summary>
internal sealed class ProvisioningOptionsValidator : IValidateOptions<ProvisioningOptions>
{
    public ValidateOptionsResult Validate(string? name, ProvisioningOptions options)
    {
        var problems = new List<string>();
        if (options.DatabaseProvider is not ("Sqlite" or "PostgreSql"))
        {
            problems.Add($"Portal:DatabaseProvider is '{options.DatabaseProvider}': it must be Sqlite or PostgreSql.");
        }

        if (options.DatabaseProvider == "PostgreSql" && string.IsNullOrWhiteSpace(options.ConnectionString))
        {
            problems.Add("Portal:ConnectionString is needed with PostgreSql.");
        }

        if (string.IsNullOrWhiteSpace(options.DataDirectory))
        {
            problems.Add("Portal:DataDirectory is empty: name the folder for keys, vault and caches.");
        }

        problems.AddRange(options.Roles.Where(r => r is not ("web" or "worker")).Select(r => $"Portal:Roles holds '{r}': roles are web and worker."));
        AtLeastOne(nameof(options.WorkerConcurrency), options.WorkerConcurrency);
        AtLeastOne(nameof(options.HelmConcurrency), options.HelmConcurrency);
        AtLeastOne(nameof(options.LeaseSeconds), options.LeaseSeconds);
        AtLeastOne(nameof(options.RolloutTimeoutSeconds), options.RolloutTimeoutSeconds);
        AtLeastOne(nameof(options.HealthIntervalSeconds), options.HealthIntervalSeconds);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

        void AtLeastOne(string key, int value)
        {
            if (value < 1)
            {
                problems.Add($"Portal:{key} is {value}: it must be at least 1.");
            }
        }
    }
}
