using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Provisioning.Common;

/// <summary>Opaque paging cursors: base64url over a JSON array of the last row's sort keys.</summary>
internal static class Cursor
{
    public static string Encode(params object[] keys) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(keys.Select(k => k.ToString()).ToArray()));

    public static string[]? Decode(string? cursor, int keys)
    {
        if (string.IsNullOrEmpty(cursor))
        {
            return null;
        }

        try
        {
            var values = BoundedJson.Read<string[]>(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(cursor)), ReadLimits.Service);
            if (values?.Length == keys)
            {
                return values;
            }
        }
        catch (Exception e) when (e is FormatException or JsonException or UnreadableException)
        {
            // Falls through: whatever the caller made up is refused below.
        }

        throw new InvalidInputException("cursor", "This is not a cursor of this list. Leave it out to start with the first page.");
    }

    public static Guid AsGuid(string value) =>
        Guid.TryParse(value, out var id)
            ? id
            : throw new InvalidInputException("cursor", "This is not a cursor of this list. Leave it out to start with the first page.");

    public static long AsLong(string value) =>
        long.TryParse(value, out var id)
            ? id
            : throw new InvalidInputException("cursor", "This is not a cursor of this list. Leave it out to start with the first page.");
}
