using System.Text;
using System.Text.Json;
using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Provisioning.Common.Reading;

namespace Portkey.Portal.Web.Hosting.Api;

/// <summary>Reads request bodies within their limits.</summary>
internal static class ApiBody
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a JSON object into the body's record; throws with every problem at once. An empty body counts as <c>{}</c>.</summary>
    public static async Task<T> ReadAsync<T>(HttpContext context)
        where T : class
    {
        var bytes = await BytesAsync(context, PortalOptions.MaxBodyBytes);
        return Parse<T>(bytes.Length == 0 ? "{}"u8.ToArray() : bytes);
    }

    /// <summary>The reason in a body that holds nothing else.</summary>
    public static async Task<string> ReasonAsync(HttpContext context) => (await ReadAsync<ReasonBody>(context)).Reason;

    /// <summary>The same for JSON that is at hand.</summary>
    public static T Parse<T>(ReadOnlyMemory<byte> json)
        where T : class
    {
        JsonDocument document;
        try
        {
            document = BoundedJson.Document(json, ReadLimits.Body);
        }
        catch (UnreadableException e)
        {
            throw new InvalidInputException("body", e.Message);
        }
        catch (JsonException e)
        {
            // The parser's own message may quote the body, and the body may hold secrets.
            throw new InvalidInputException("body", $"It is not valid JSON, at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new InvalidInputException("body", "It must be a JSON object.");
            }

            var problems = new List<FieldProblem>();
            T result;
            try
            {
                result = (T)new StrictReader(problems).Read(document.RootElement, typeof(T));
            }
            catch (InvalidOperationException e) when (e is not ObjectDisposedException)
            {
                throw new InvalidInputException("body", "It holds text that is not valid Unicode.");
            }

            return problems.Count == 0 ? result : throw new InvalidInputException(problems);
        }
    }

    /// <summary>Reads the body as text, whatever its content type says.</summary>
    public static async Task<string> TextAsync(HttpContext context, string field)
    {
        try
        {
            return Strict.GetString(await BytesAsync(context, PortalOptions.MaxBodyBytes));
        }
        catch (DecoderFallbackException)
        {
            throw new InvalidInputException(field, "It is not UTF-8 text.");
        }
    }

    private static async Task<byte[]> BytesAsync(HttpContext context, long most)
    {
        if (context.Request.ContentLength > most)
        {
            throw new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
        }

        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted)) > 0)
        {
            // A chunked body names no length, so it is counted as it comes.
            if (buffer.Length + read > most)
            {
                throw new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
            }

            buffer.Write(chunk, 0, read);
        }

        return buffer.ToArray();
    }
}
