using System.Globalization;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Portkey.Portal.Provisioning.UseCases.Audit;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Features.Audit;

/// <summary>One way to write history to a file.</summary>
internal abstract record AuditFormat(string ContentType, string Extension, string Head)
{
    public abstract string Line(AuditEventView e);
}

/// <summary>One JSON object a line.</summary>
internal sealed record JsonLinesFormat() : AuditFormat("application/x-ndjson", "jsonl", "")
{
    public override string Line(AuditEventView e) => JsonSerializer.Serialize(e, ApiJson.Options) + "\n";
}

/// <summary>RFC 4180, every cell quoted, and safe to open in a spreadsheet.</summary>
internal sealed record CsvFormat()
    : AuditFormat(
        "text/csv; charset=utf-8",
        "csv",
        "id,chain,index,at,actor,actorName,action,targetKind,targetId,targetName,environmentId,before,after,reason,requestDigest,correlationId,sourceAddress,previousHash,hash\r\n"
    )
{
    private static readonly CsvConfiguration Rules = new(CultureInfo.InvariantCulture)
    {
        NewLine = "\r\n",
        ShouldQuote = _ => true,

        // A cell that begins like a formula would be run by a spreadsheet, so it gets an apostrophe in front.
        InjectionOptions = InjectionOptions.Escape,
        InjectionEscapeCharacter = '\'',
        InjectionCharacters = ['=', '+', '-', '@', '\t', '\r', '\n'],
    };

    public override string Line(AuditEventView e) =>
        Row(
            $"{e.Id}",
            e.Chain,
            $"{e.Index}",
            e.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"),
            e.Actor,
            e.ActorName,
            e.Action,
            e.TargetKind,
            e.TargetId,
            e.TargetName,
            $"{e.EnvironmentId}",
            e.Before,
            e.After,
            e.Reason,
            e.RequestDigest,
            e.CorrelationId,
            e.SourceAddress,
            e.PreviousHash,
            e.Hash
        );

    /// <summary>A row with its end.</summary>
    public static string Row(params IEnumerable<string> cells)
    {
        using var text = new StringWriter();
        using (var csv = new CsvWriter(text, Rules))
        {
            foreach (var cell in cells)
            {
                csv.WriteField(cell);
            }

            csv.NextRecord();
        }

        return text.ToString();
    }
}
