using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>Registers the vault of a laptop.</summary>
public static class LocalVaultServices
{
    /// <summary>Adds <see cref="ISecretVault"/>, <see cref="ISecretWriter"/> and Data Protection with its keys in the data folder.</summary>
    public static IServiceCollection AddLocalVault(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("portkey-portal");
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<ProvisioningOptions>, ILoggerFactory>((keys, options, logs) =>
        {
            var folder = Directory.CreateDirectory(Path.GetFullPath(Path.Combine(options.Value.DataDirectory, "keys")));
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            keys.XmlRepository = new FileSystemXmlRepository(folder, logs);
        });
        services.AddSingleton<LocalVault>();
        services.AddSingleton<ISecretVault>(s => s.GetRequiredService<LocalVault>());
        services.AddSingleton<ISecretWriter>(s => s.GetRequiredService<LocalVault>());
        return services;
    }
}
