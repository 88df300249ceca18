using Portkey.Portal.Provisioning.UseCases.Catalog;

namespace Portkey.Portal.Provisioning.UseCases.Imports;

/// <summary>Who signs in at the registry of the images, out of a values file.</summary>
internal sealed class ImportedRegistry(Account account, ScalarReader scalars, ImportedSettings settings)
{
    public void Take(ValueNode root)
    {
        var given = root["imageCredentials"];
        if (given is { Kind: ValueKind.Map, IsLeaf: false })
        {
            account.Note(new Correction("imageCredentials", "a map", "a list", "The chart takes a list here; the one entry was used."));
        }

        var entries = given is { Kind: ValueKind.Map, IsLeaf: false }
            ? [given]
            : given?.Items.Where(i => i.Kind == ValueKind.Map).ToList() ?? [];
        foreach (var more in entries.Skip(1))
        {
            account.Drop(more, "One registry holds the gateway's image; the first entry was used.");
        }

        if (entries is not [var entry, ..])
        {
            return;
        }

        var server = SettingsCatalog.ByKey[SettingKeys.RegistryServer].View.Default;
        if (entry["registry"] is { Text: { } registry } leaf && registry.StartsWith("kubernetes.io/", StringComparison.Ordinal))
        {
            account.Correct(leaf, registry, server, "That is the type of a Kubernetes Secret, not a registry.");
        }
        else
        {
            settings.Set(SettingKeys.RegistryServer, entry["registry"]);
        }

        settings.Set(SettingKeys.RegistryUsername, entry["username"]);
        settings.Set(SettingKeys.RegistryPassword, entry["password"]);
        if (scalars.Flag(entry["create"], "written by the portal itself") == false)
        {
            account.Correct(entry["create"], "false", "true", "The portal writes the Secret for pulling images itself.");
        }
    }
}
