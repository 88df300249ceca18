using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.Secrets;

/// <summary>Registers Data Protection, by which cookies, tokens and the local vault are encrypted: its keys are in the data folder, encrypted themselves.</summary>
internal static class KeyRing
{
    public static IServiceCollection AddKeyRing(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("portkey-portal");
        services.AddSingleton<KeyRingKeys>();
        services.AddOptions<KeyManagementOptions>().Configure<IOptions<ProvisioningOptions>, KeyRingKeys, ILoggerFactory>((ring, options, keys, logs) =>
        {
            var folder = Directory.CreateDirectory(Path.GetFullPath(Path.Combine(options.Value.DataDirectory, "keys")));
            File.SetUnixFileMode(folder.FullName, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var encryptor = new KeyRingEncryptor(keys);
            KeyRingUpgrade.Run(folder, encryptor);
            ring.XmlRepository = new FileSystemXmlRepository(folder, logs);
            ring.XmlEncryptor = encryptor;
        });
        return services;
    }

    /// <summary>Twelve hex digits that name a key and tell nothing of it.</summary>
    public static string NameOf(ReadOnlySpan<byte> key) => Convert.ToHexStringLower(SHA256.HashData(key))[..12];
}
