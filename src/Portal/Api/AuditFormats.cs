using System.Text.Json;
using Portkey.Portal.Provisioning.Audit;

namespace Portkey.Portal.Web.Api;

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
internal sealed record CsvFormat() : AuditFormat("text/csv; charset=utf-8", "csv",
    "id,chain,index,at,actor,actorName,action,targetKind,targetId,targetName,environmentId,before,after,reason,requestDigest,correlationId,sourceAddress,previousHash,hash\r\n")
{
    public override string Line(AuditEventView e) => string.Join(',', new[]
    {
        $"{e.Id}", e.Chain, $"{e.Index}", e.At.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"), e.Actor, e.ActorName, e.Action, e.TargetKind, e.TargetId, e.TargetName,
        $"{e.EnvironmentId}", e.Before, e.After, e.Reason, e.RequestDigest, e.CorrelationId, e.SourceAddress, e.PreviousHash, e.Hash,
    }.Select(Cell)) + "\r\n";

    /// <summary>A cell that begins like a formula would be run by a spreadsheet, so it gets an apostrophe in front.</summary>
    public static string Cell(string text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? "'" + text : text;
        return '"' + safe.Replace("\"", "\"\"", StringComparison.Ordinal) + '"';
    }
}
