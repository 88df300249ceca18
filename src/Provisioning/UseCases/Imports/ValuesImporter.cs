using Portkey.Portal.Provisioning.Clouds;
using Portkey.Portal.Provisioning.Clouds.Known;
using Portkey.Portal.Provisioning.UseCases.Catalog;
using Portkey.Portal.Provisioning.UseCases.Environments;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>
/// Turns values of Portkey's charts, in any of their layouts and with the mistakes of Portkey's guide, into a spec: the text becomes a tree
/// (<see cref="ImportFile"/>), the tree a spec, and what was done with each leaf is recorded as it is done (<see cref="Account"/>).
/// Pure.
/// </summary>
internal sealed class ValuesImporter
{
    private readonly Account account = new();
    private readonly ScalarReader scalars;
    private readonly ImportedSettings settings;
    private readonly ImportedWorkload workload;
    private readonly bool isOwn;

    private ValuesImporter(bool isOwn)
    {
        this.isOwn = isOwn;
        scalars = new ScalarReader(account);
        settings = new ImportedSettings(account, isOwn);
        workload = new ImportedWorkload(account, scalars);
    }

    public static Imported Read(string text)
    {
        var note = SpecNote.Find(text);
        var file = ImportFile.Read(text);
        var importer = new ValuesImporter(note is not null);
        var (spec, secrets) = importer.Convert(file);
        if (note is not null)
        {
            spec = SpecNote.Apply(note, spec, importer.account);
        }

        var lists = importer.account.Finish(
            [file.Values, .. file.Beside.Select(b => b.Node), .. file.Named],
            file.Superseded,
            importer.Otherwise
        );
        return new Imported(
            spec,
            secrets.ToDictionary(s => s.Key, s => new SecretValue(s.Value), StringComparer.Ordinal),
            lists,
            importer.settings.Problems
        );
    }

    private (EnvironmentSpec Spec, Dictionary<string, string> Secrets) Convert(ImportFile file)
    {
        var root = file.Values;
        Told(file);
        var (edition, repository, tag) = workload.Image(root);
        var sources = new ImportedVariables(account, scalars, settings).Take(root);
        new ImportedRegistry(account, scalars, settings).Take(root);
        var serviceAccount = ServiceAccount(root);
        var autoscaling = workload.Autoscaling(root);
        var spec = new EnvironmentSpec
        {
            Edition = edition,
            ImageRepository = repository,
            ImageTag = tag,
            DataServiceImage = workload.DataServiceImage(root),
            DataService = scalars.Flag(root.At("dataservice", "enabled"), "dataService") == true,
            Network = new ImportedNetwork(account, scalars).Read(root),
            Autoscaling = autoscaling,
            Replicas = autoscaling is null ? scalars.Number(root["replicaCount"], "replicas") : null,
            Resources = workload.Resources(root),
            Scheduling = workload.Scheduling(root),
            Probes = workload.Probes(root),
            Labels = workload.Marks(root, "podLabels", "labels"),
            Annotations = workload.Marks(root, "podAnnotations", "annotations"),
            EnvFrom = workload.EnvFrom(root, sources),
            ServiceAccount = serviceAccount,
            GraceSeconds = scalars.Number(root["terminationGracePeriodSeconds"], "graceSeconds"),
            CaBundle = isOwn ? null : workload.CaBundle(root, settings),
        };
        var (plain, secrets) = settings.Finish(edition);
        return (spec with { Settings = plain }, secrets);
    }

    // What was reported while the text was read, and what in it is not a value at all.
    private void Told(ImportFile file)
    {
        file.Notes.ForEach(account.Note);
        file.Beside.ForEach(b => account.Drop(b.Node, b.Why));
        foreach (var (leaf, how) in file.Corrected)
        {
            account.Correct(leaf, how.Was, how.Now, how.Why);
        }

        foreach (var leaf in isOwn ? [] : file.Values.Leaves().Where(l => l.Kind == ValueKind.Scalar).ToList())
        {
            if ((leaf.Foreign ?? (leaf.Text is { } text ? ForeignReferences.Of(text) : null)) is { } of)
            {
                account.Drop(
                    leaf,
                    leaf.Foreign is null
                        ? $"It is a reference of {of}, not a value, and was not stored. Give the value itself."
                        : $"It is {of}, which the portal does not run. Give the value itself."
                );
                leaf.Clear();
            }
        }
    }

    private ServiceAccountSpec? ServiceAccount(ValueNode root)
    {
        var given = root["serviceAccount"];
        if (scalars.Flag(given?["create"], "serviceAccount") == false && given?["name"] is { IsEmpty: false })
        {
            account.Correct(given["create"], "false", "true", "The portal makes the service account, under the same name.");
        }

        if (scalars.Flag(given?["automount"], "written by the portal itself") == true)
        {
            account.Drop(given!["automount"], "The gateway does not call the cluster, so no cluster token is mounted.");
        }

        var annotations = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, leaf) in given?["annotations"]?.Entries ?? [])
        {
            if (KnownClouds.OfClusters.Rules.IdentityAnnotations("").ContainsKey(key))
            {
                settings.Set(SettingKeys.WorkloadClientId, leaf);
            }
            else if (scalars.Text(leaf, $"serviceAccount.annotations.{key}") is { } value)
            {
                annotations[key] = value;
            }
        }

        var name = scalars.Text(given?["name"], "serviceAccount.name");
        return name is null && annotations.Count == 0 ? null : new ServiceAccountSpec { Name = name, Annotations = annotations };
    }

    private string Otherwise(ValueNode leaf)
    {
        if (leaf.IsEmpty)
        {
            return "It is empty, and the portal has no place for it.";
        }

        if (isOwn)
        {
            return "The portal writes this itself.";
        }

        var parts = leaf.Path.Split('.', '[');
        return parts.Select(Reason).FirstOrDefault(r => r is not null)
            ?? (
                leaf.Text is { } text && text.Contains('=', StringComparison.Ordinal)
                    ? "It is not a YAML entry."
                    : "The portal has no setting for it."
            );
    }

    private static string? Reason(string part) =>
        part switch
        {
            "securityContext" or "podSecurityContext" => "The portal runs every pod under pod security 'restricted'.",
            "livenessProbe" or "readinessProbe" or "startupProbe" => "The portal writes this part of a probe itself.",
            "strategy"
            or "autoRestart"
            or "volumes"
            or "volumeMounts"
            or "redis"
            or "revisionHistoryLimit"
            or "affinity"
            or "pdb"
            or "behavior" => "The portal sets this itself.",
            "pullPolicy" => "Moving tags are refused, so the chart's own pull policy is enough.",
            "redisImage" or "minioImage" or "minioClientImage" or "etcdImage" or "milvusImage" =>
                "The portal runs no store inside the environment but the chart's own Redis, with the chart's image.",
            "image" => "The chart reads images.gatewayImage.",
            "useVaultInjection" or "vaultConfig" => "Secrets come from the portal's vault.",
            "minio" or "milvus" => "The portal runs no store inside the environment. Name one that exists.",
            "nameOverride" or "fullnameOverride" => "The portal names its objects itself.",
            "dataservice" => "The portal sizes the data service itself.",
            "mcpService" => "The portal serves MCP through the gateway's own Service.",
            "imageCredentials" or "imagePullSecrets" =>
                "The portal writes the Secret for pulling images itself, from REGISTRY_USERNAME and REGISTRY_PASSWORD.",
            "environment" => "The portal writes the Secret itself and names it by its content.",
            _ => null,
        };
}
