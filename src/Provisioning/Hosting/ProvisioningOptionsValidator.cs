using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.Hosting;

/// <summary>Says everything that is wrong with the configuration at once, each with its key.</summary>
internal sealed class ProvisioningOptionsValidator : IValidateOptions<ProvisioningOptions>
{
    public ValidateOptionsResult Validate(string? name, ProvisioningOptions options)
    {
        var wrong = new List<string>();
        Check(options.DataDirectory.Length > 0, "Portal:DataDirectory", "name a folder");
        Check(
            options.KeyRingKeyFile.Length == 0
                || File.Exists(options.KeyRingKeyFile)
                || Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(options.KeyRingKeyFile))),
            "Portal:KeyRingKeyFile",
            "name a file with at least 32 random bytes, or one to be made in an existing folder"
        );
        Check(
            options.OldKeyRingKeyFile.Length == 0 || File.Exists(options.OldKeyRingKeyFile),
            "Portal:OldKeyRingKeyFile",
            "name the file that wrapped the keys until now, or remove the setting"
        );
        Check(
            options.KeyEncryptionSecret.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && options.KeyEncryptionSecret.Length <= 127,
            "Portal:KeyEncryptionSecret",
            "give the secret's name in Key Vault: letters, digits and hyphens"
        );
        Check(options.SealSeconds is >= 1 and <= 3600, "Portal:SealSeconds", "use 1 to 3600");
        Check(options.SealFileKilobytes is >= 1 and <= 1048576, "Portal:SealFileKilobytes", "use 1 to 1048576");
        Check(options.SealFilesKept is >= 2 and <= 100000, "Portal:SealFilesKept", "use 2 to 100000");
        Check(
            options.DatabaseProvider.Equals("Sqlite", StringComparison.OrdinalIgnoreCase)
                || options.DatabaseProvider.Equals("PostgreSql", StringComparison.OrdinalIgnoreCase),
            "Portal:DatabaseProvider",
            "use Sqlite or PostgreSql"
        );
        Check(
            !options.DatabaseProvider.Equals("PostgreSql", StringComparison.OrdinalIgnoreCase) || options.ConnectionString.Length > 0,
            "Portal:ConnectionString",
            "PostgreSql needs one"
        );
        Check(options.Roles.All(r => r is "web" or "worker"), "Portal:Roles", "use web, worker, or both");
        Check(
            File.Exists(Path.Combine(options.ChartsDirectory, "gateway", "Chart.yaml")),
            "Portal:ChartsDirectory",
            "it must hold gateway/Chart.yaml"
        );
        Check(
            File.Exists(Path.Combine(options.ChartsDirectory, "guardrails", "Chart.yaml")),
            "Portal:ChartsDirectory",
            "it must hold guardrails/Chart.yaml"
        );
        Check(options.WorkerConcurrency is >= 1 and <= 64, "Portal:WorkerConcurrency", "use 1 to 64");
        Check(options.HelmConcurrency is >= 1 and <= 64, "Portal:HelmConcurrency", "use 1 to 64");
        Check(
            options.ClusterConcurrency is >= 0 and <= 64,
            "Portal:ClusterConcurrency",
            "use 1 to 64, or 0 for one fewer than WorkerConcurrency"
        );
        Check(
            options.TeamConcurrency is >= 0 and <= 64,
            "Portal:TeamConcurrency",
            "use 1 to 64, or 0 for one fewer than WorkerConcurrency"
        );
        Check(options.RenderConcurrency is >= 1 and <= 64, "Portal:RenderConcurrency", "use 1 to 64");
        Check(options.RenderQueuePerPerson is >= 1 and <= 1000, "Portal:RenderQueuePerPerson", "use 1 to 1000");
        Check(options.LeaseSeconds is >= 3 and <= 3600, "Portal:LeaseSeconds", "use 3 to 3600");
        Check(options.RolloutTimeoutSeconds is >= 5 and <= 3600, "Portal:RolloutTimeoutSeconds", "use 5 to 3600");
        Check(options.WaitInPlaceSeconds is >= 0 and <= 60, "Portal:WaitInPlaceSeconds", "use 0 to 60");
        Check(options.HealthIntervalSeconds is >= 1 and <= 3600, "Portal:HealthIntervalSeconds", "use 1 to 3600");
        Check(options.DrainSeconds is >= 0 and <= 600, "Portal:DrainSeconds", "use 0 to 600");
        Check(
            options.OwnNamespace.Length == 0 || SettingPatterns.IsDnsLabel(options.OwnNamespace),
            "Portal:OwnNamespace",
            "name the namespace that the portal runs in, or leave it out"
        );
        Check(
            options.ReservedNamespaces.All(n => SettingPatterns.IsDnsLabel(n.TrimEnd('*').TrimEnd('-'))),
            "Portal:ReservedNamespaces",
            "list namespaces, such as ingress-nginx or cattle-*"
        );
        Check(options.UnknownVariables is "allowed" or "forbidden", "Portal:UnknownVariables", "use allowed or forbidden");
        Check(
            options.ImageRepositories.All(ImageSpecRules.IsPattern),
            "Portal:ImageRepositories",
            "list repositories with the registry's host, such as docker.io/portkeyai/* or registry.example.com/portkeyai/gateway_enterprise"
        );
        foreach (var (profile, own) in options.Profiles)
        {
            Check(
                own.GraceSeconds is null or (>= 1 and <= SpecValidator.MaxGraceSeconds),
                $"Portal:Profiles:{profile}:GraceSeconds",
                $"use 1 to {SpecValidator.MaxGraceSeconds}"
            );
        }

        foreach (var (provider, ranges) in options.EgressProviders)
        {
            Check(
                ranges.Length > 0 && ranges.All(r => EgressRule.TryParse(r) is not null),
                $"Portal:EgressProviders:{provider}",
                "list CIDR ranges with an optional port, such as 160.79.104.0/23:443"
            );
        }

        return wrong.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(wrong);

        void Check(bool fine, string key, string cure)
        {
            if (!fine)
            {
                wrong.Add($"{key}: {cure}.");
            }
        }
    }
}
