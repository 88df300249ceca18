using Portkey.Portal.Data;
using Portkey.Portal.Provisioning.Common;

namespace Portkey.Portal.Provisioning.UseCases.Credentials;

/// <summary>Order and cursor of the list: by setting, or by time, soonest first, where time was asked for.</summary>
internal static class CredentialPaging
{
    public static IQueryable<SecretReference> After(IQueryable<SecretReference> query, CredentialState? state, string? cursor)
    {
        if (Cursor.Decode(cursor, 2) is not [var value, var last])
        {
            return query;
        }

        var id = Cursor.AsGuid(last);
        switch (state)
        {
            case CredentialState.Due:
                var due = Time(value);
                return query.Where(r => r.DueAt >= due && (r.DueAt > due || r.Id.CompareTo(id) > 0));
            case CredentialState.Expired or CredentialState.Expiring:
                var expiry = Time(value);
                return query.Where(r => r.ExpiresAt >= expiry && (r.ExpiresAt > expiry || r.Id.CompareTo(id) > 0));
            default:
                // The first half says the same again, but is one range of the index.
                return query.Where(r => r.Key.CompareTo(value) >= 0 && (r.Key.CompareTo(value) > 0 || r.Id.CompareTo(id) > 0));
        }
    }

    public static IQueryable<SecretReference> InOrder(IQueryable<SecretReference> query, CredentialState? state) =>
        state switch
        {
            CredentialState.Due => query.OrderBy(r => r.DueAt).ThenBy(r => r.Id),
            CredentialState.Expired or CredentialState.Expiring => query.OrderBy(r => r.ExpiresAt).ThenBy(r => r.Id),
            _ => query.OrderBy(r => r.Key).ThenBy(r => r.Id),
        };

    public static string CursorOf(CredentialRow row, CredentialState? state) =>
        state switch
        {
            CredentialState.Due => Cursor.Encode(row.DueAt!.Value.Ticks, row.Id),
            CredentialState.Expired or CredentialState.Expiring => Cursor.Encode(row.ExpiresAt!.Value.Ticks, row.Id),
            _ => Cursor.Encode(row.Key, row.Id),
        };

    private static DateTime Time(string ticks)
    {
        var value = Cursor.AsLong(ticks);
        return value >= 0 && value <= DateTime.MaxValue.Ticks
            ? new DateTime(value, DateTimeKind.Utc)
            : throw new InvalidInputException("cursor", "This is not a cursor of this list. Leave it out to start with the first page.");
    }
}
