using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;
using Microsoft.Extensions.DependencyInjection;

namespace Portkey.Portal.Provisioning.Common.Keys;

/// <summary>Registers Data Protection, by which cookies, tokens and the local vault are encrypted: its keys are in the database, wrapped,
/// and so shared by all processes.</summary>
internal static class KeyRing
{
    /// <summary>How long a key is the newest one; Data Protection's default.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    public static IServiceCollection AddKeyRing(this IServiceCollection services)
    {
        services.AddDataProtection().SetApplicationName("portkey-portal");
        services
            .AddSingleton<WrappingSecret>()
            .AddSingleton<WrappingKeys>()
            .AddSingleton<KeyStore>()
            .AddSingleton<OldKeyFiles>()
            .AddSingleton<KeyRingRepository>();
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<KeyRingRepository>(
                (ring, repository) =>
                {
                    ring.XmlRepository = repository;

                    // The repository wraps each key whole; an encryptor of its inner parts would leave its dates and revocations open to
                    // change.
                    ring.XmlEncryptor = new NullXmlEncryptor();
                }
            );
        return services;
    }

    /// <summary>A first key, made outside the database, so that it is written in one transaction with the rest.</summary>
    public static (string Id, XElement Key) MakeFirst(TimeProvider time)
    {
        var made = new OneKey();
        var services = new ServiceCollection();
        services.AddDataProtection();
        services.Configure<KeyManagementOptions>(o => (o.XmlRepository, o.XmlEncryptor) = (made, new NullXmlEncryptor()));
        using var provider = services.BuildServiceProvider();
        provider.GetRequiredService<IKeyManager>().CreateNewKey(time.GetUtcNow(), time.GetUtcNow() + Lifetime);
        return made.Stored ?? throw new InvalidOperationException("Data Protection made no key.");
    }

    private sealed class OneKey : IXmlRepository
    {
        public (string Id, XElement Key)? Stored { get; private set; }

        public IReadOnlyCollection<XElement> GetAllElements() => [];

        public void StoreElement(XElement element, string friendlyName) => Stored = (friendlyName, element);
    }
}
