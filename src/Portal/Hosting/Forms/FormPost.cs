using Portkey.Portal.Provisioning.Common;
using Portkey.Portal.Web.Auth;
using Portkey.Portal.Web.Hosting.Api;

namespace Portkey.Portal.Web.Hosting.Forms;

/// <summary>What the plain form posts have in common. Each ends with a redirect back to a page.</summary>
internal static class FormPost
{
    // Takes a secret and goes to a page; what was wrong with it goes back to the page that it came from, under a key.
    public static async Task<IResult> SecretAsync(
        HttpContext http,
        FormProblems problems,
        Func<Caller, IFormCollection, Task<string>> act,
        Func<IFormCollection, string, string> back
    )
    {
        var caller = http.Caller();
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        try
        {
            return SeeOther(await act(caller, form));
        }
        catch (Exception e) when (e is not NotFoundException && IsForThePage(e))
        {
            return SeeOther(back(form, problems.Put(caller.PersonId, Problems(http, e))));
        }
    }

    public static DateTime? Expiry(IFormCollection form) =>
        form["expires"].ToString() is not { Length: > 0 } text
            ? null
            : Days.Parse(text) ?? throw new InvalidInputException("expires", Days.Wanted);

    // A refusal, or a trouble that passes: what was typed so far is in the draft, so the person repeats from where they were.
    public static bool IsForThePage(Exception e) => e is CommandRefusedException || Problem.From(e).RetryAfterSeconds is not null;

    public static IReadOnlyList<FieldProblem> Problems(HttpContext http, Exception refusal)
    {
        SecurityNotes.Set(http, refusal); // the answer is a redirect and tells nothing
        return refusal is InvalidInputException invalid ? invalid.Problems
            : refusal is ConflictException { Code: "idempotency-key-reused" }
                ?
                [
                    new FieldProblem(
                        "",
                        "This draft was already sent and became a request, with other content; nothing was changed. Look under Requests, or start again."
                    ),
                ]
            : [new FieldProblem("", Problem.From(refusal).Detail)];
    }

    // 303, so that the browser comes back with GET and a reload posts nothing again.
    public static SeeOtherResult SeeOther(string location) => new(location);

    internal sealed class SeeOtherResult(string location) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = location;
            return Task.CompletedTask;
        }
    }
}
