//! The methods, each on one line: its name, what it takes, what it gives.

use serde::Serialize;
use serde_json::Value;

use super::error::{Code, RpcError};
use super::protocol::{
    Copy, Deny, Given, Grant, Granted, Info, Log, Nothing, Notify, Offer, Offered, Open, Processes,
    Progress, Proved, Question, Reauth, Replied, Reproved, Shown, Signal, Spawn, Spawned,
    Statement, Title, Token, Validate, Validity, Var, VarName, VarNames, Wanted,
};

macro_rules! methods {
    ($($name:literal, $variant:ident, $params:ty => $result:ty, $about:literal;)+) => {
        /// A call that was understood.
        #[derive(Debug)]
        pub enum Call {
            $(#[doc = $about] $variant($params),)+
        }

        impl Call {
            /// Reads a call.
            ///
            /// # Errors
            /// When there is no such method, or it does not take these parameters.
            pub fn read(method: &str, params: Option<Value>) -> Result<Self, RpcError> {
                let params = params.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
                match method {
                    $($name => read(params).map(Self::$variant),)+
                    _ => Err(RpcError::new(Code::Method, "there is no such method")),
                }
            }

            /// The method's name.
            pub const fn method(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)+
                }
            }
        }

        /// What a call gives, by its method.
        #[derive(Debug, Serialize)]
        #[serde(untagged)]
        pub enum Done {
            $(#[doc = $about] $variant($result),)+
        }

        /// A method as the documentation tells it.
        #[cfg(test)]
        pub(super) struct Described {
            pub(super) name: &'static str,
            pub(super) about: &'static str,
            pub(super) params: schemars::Schema,
            pub(super) result: schemars::Schema,
        }

        #[cfg(test)]
        pub(super) fn described(generator: &mut schemars::SchemaGenerator) -> Vec<Described> {
            vec![$(Described {
                name: $name,
                about: $about,
                params: generator.subschema_for::<$params>(),
                result: generator.subschema_for::<$result>(),
            },)+]
        }
    };
}

methods! {
    "session.info", SessionInfo, Nothing => Info, "What the caller is part of.";
    "session.grant", SessionGrant, Grant => Granted, "Says who the session is for. Only the login program may, once, with its nonce, before its deadline; it must then exit 0.";
    "session.deny", SessionDeny, Deny => Nothing, "Lets nobody in, or says that another try is asked for. Only the login program may.";
    "session.password", SessionPassword, Shown => Proved, "Looks whether somebody is a user of awp, at the pace of awp's own login. Only the login program may.";
    "session.validate", SessionValidate, Validate => Validity, "Whether the session, or a token of it, is good, and whose it is.";
    "session.token", SessionToken, Nothing => Token, "Makes a secret that stands for the session for five minutes.";
    "session.statement", SessionStatement, Nothing => Statement, "Says whose the session is, signed, for services that cannot ask: a JWT, good for five minutes. Its keys are at `/.well-known/awp/jwks.json`.";
    "session.reauth", SessionReauth, Reauth => Reproved, "Has whoever is there log in again, unless they just did; the session is locked meanwhile. Gives `accept`, or `decline` where they did not.";
    "session.logout", SessionLogout, Nothing => Nothing, "Ends the session and every token of it.";
    "var.get", VarGet, VarName => Var, "A variable that the session's processes share.";
    "var.set", VarSet, Var => Nothing, "Sets a variable, or takes it away with `null`.";
    "var.list", VarList, Nothing => VarNames, "The variables that are set.";
    "title", SetTitle, Title => Nothing, "Gives the calling process another title.";
    "notify", SendNotify, Notify => Nothing, "Tells those who watch something.";
    "progress", SetProgress, Progress => Nothing, "Shows those who watch how far something has come.";
    "log", WriteLog, Log => Nothing, "Writes a line to the server's log.";
    "open", OpenLink, Open => Nothing, "Offers a link to whoever may type in the session; their page opens it once they agree.";
    "clip.copy", CopyText, Copy => Nothing, "Offers a text for the clipboard to whoever may type in the session; their page takes it once they agree.";
    "ask.secret", AskSecret, Question => Replied, "Asks whoever may type in the session for a secret, such as a password, and waits for it.";
    "ask.confirm", AskConfirm, Question => Replied, "Asks whoever may type in the session for yes or no, and waits for it.";
    "file.upload", FileUpload, Wanted => Given, "Asks whoever may type in the session for a file of their device, and waits for it.";
    "file.download", FileDownload, Offer => Offered, "Offers a file to whoever may type in the session. It is opened now: what happens to its name afterwards does not matter.";
    "proc.spawn", ProcSpawn, Spawn => Spawned, "Starts another process in the session.";
    "proc.list", ProcList, Nothing => Processes, "The processes of the session.";
    "proc.signal", ProcSignal, Signal => Nothing, "Sends a signal to a process of the session.";
}

fn read<T: serde::de::DeserializeOwned>(params: Value) -> Result<T, RpcError> {
    if !params.is_object() {
        return Err(RpcError::new(Code::Params, "params is an object"));
    }
    serde_json::from_value(params).map_err(|error| RpcError::new(Code::Params, error.to_string()))
}
