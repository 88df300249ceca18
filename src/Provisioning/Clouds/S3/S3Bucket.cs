using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace Portkey.Portal.Provisioning.Clouds.S3;

/// <summary>A bucket of any S3-compatible store.</summary>
/// <param name="handler">Handler to reach it with.</param>
/// <param name="endpoint">Address of the store, without the bucket.</param>
/// <param name="region">Region that requests are signed for.</param>
/// <param name="name">Bucket.</param>
/// <param name="timeout">Time for one call; none is repeated.</param>
internal sealed class S3Bucket(SocketsHttpHandler handler, Uri endpoint, string region, string name, TimeSpan timeout)
{
    /// <summary>Writes a small object and removes it.</summary>
    public async Task<StoreAnswer> WriteAsync(SecretValue accessKey, SecretValue secretKey, CancellationToken cancellationToken)
    {
        using var s3 = new AmazonS3Client(
            new BasicAWSCredentials(accessKey.Reveal(), secretKey.Reveal()),
            new AmazonS3Config
            {
                ServiceURL = endpoint.ToString(),
                AuthenticationRegion = region,
                ForcePathStyle = true,
                MaxErrorRetry = 0,
                Timeout = timeout,
                HttpClientFactory = new HandlerFactory(handler),
                RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
                ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
            }
        );
        var key = $"portkey-portal-preflight-{Guid.NewGuid():N}";
        try
        {
            await s3.PutObjectAsync(
                new PutObjectRequest
                {
                    BucketName = name,
                    Key = key,
                    ContentBody = "Written and removed by a check.",
                    UseChunkEncoding = false,
                },
                cancellationToken
            );
            await s3.DeleteObjectAsync(name, key, cancellationToken);
            return new StoreAnswer(StoreOutcome.Written);
        }
        catch (AmazonS3Exception problem) when ((int)problem.StatusCode > 0)
        {
            return new StoreAnswer(StoreOutcome.Refused, (int)problem.StatusCode, problem.ErrorCode ?? "", problem.Message, problem);
        }
        catch (Exception problem) when (problem is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            return new StoreAnswer(StoreOutcome.Unreachable, Problem: problem);
        }
    }

    private sealed class HandlerFactory(SocketsHttpHandler handler) : HttpClientFactory
    {
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) => new(handler, disposeHandler: false);

        public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

        public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => true;
    }
}
