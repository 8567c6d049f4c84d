//! The way to the authority, as the protocol's library wants it.

use std::pin::Pin;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};

use crate::server::fetch::Fetcher;

impl HttpClient for Fetcher {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let fetcher = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let other = |error| Error::Other(error);
            let body = body.collect().await.map_err(|never| other(never.into()))?;
            let request = Request::from_parts(parts, body.to_bytes().to_vec());
            let answer = fetcher.fetch(request).await;
            let (parts, body) = answer.map_err(|error| other(error.into()))?.into_parts();
            let body = Full::new(Bytes::from(body));
            Ok(BytesResponse::from(Response::from_parts(parts, body)))
        })
    }
}
