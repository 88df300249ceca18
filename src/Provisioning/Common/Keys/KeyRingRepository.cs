using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Portkey.Portal.Data;

namespace Portkey.Portal.Provisioning.Common.Keys;

/// <summary>Data Protection's keys as rows. One that does not unwrap was not written by a portal with our key, and is not used:
/// otherwise anyone who can write rows could sign in as anybody.</summary>
internal sealed partial class KeyRingRepository(
    IDbContextFactory<PortalDbContext> factory,
    KeyStore store,
    ILogger<KeyRingRepository> logger
) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        using var db = factory.CreateDbContext();
        return
        [
            .. db
                .PortalKeys.AsNoTracking()
                .Where(k => k.Purpose == KeyStore.Ring)
                .OrderBy(k => k.CreatedAt)
                .ThenBy(k => k.Id)
                .AsEnumerable()
                .Select(Open)
                .OfType<XElement>(),
        ];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        using var db = factory.CreateDbContext();
        db.PortalKeys.Add(Row(store, friendlyName, element));
        db.SaveChanges();
    }

    public static PortalKey Row(KeyStore store, string id, XElement element) =>
        store.Row(KeyStore.Ring, id, Encoding.UTF8.GetBytes(element.ToString(SaveOptions.DisableFormatting)));

    private XElement? Open(PortalKey row)
    {
        try
        {
            return XElement.Parse(Encoding.UTF8.GetString(store.Open(row)));
        }
        catch (CryptographicException)
        {
            LogNoKey(logger, row.Id);
            return null;
        }
    }

    [LoggerMessage(
        EventId = 4005,
        Level = LogLevel.Error,
        Message = "Key {Id} of the key ring in the database cannot be unwrapped: it was changed there, or wrapped by another key-encryption key. It is ignored"
    )]
    private static partial void LogNoKey(ILogger logger, string id);
}
