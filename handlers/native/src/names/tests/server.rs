//! A name server on loopback that answers as it is told and remembers what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, Record, RecordType};
use tokio::net::UdpSocket;

#[derive(Clone)]
pub(super) enum Reply {
    Records(Vec<RData>),
    NoRecords,
    NoSuchName,
    Failure,
    Refused,
    Silence,
}

pub(super) struct DnsServer {
    pub(super) address: SocketAddr,
    questions: Arc<Mutex<Vec<(String, RecordType)>>>,
    task: tokio::task::JoinHandle<()>,
}

impl DnsServer {
    pub(super) async fn start(reply: impl Fn(&str, RecordType) -> Reply + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let questions = Arc::new(Mutex::new(Vec::new()));
        let task = tokio::spawn(serve(socket, questions.clone(), reply));
        Self { address, questions, task }
    }

    /// How often a question arrived.
    pub(super) fn asked(&self, name: &str, kind: RecordType) -> usize {
        self.questions.lock().unwrap().iter().filter(|(asked, k)| asked == name && *k == kind).count()
    }

    /// The different names asked about.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.questions.lock().unwrap().iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names.dedup();
        names
    }
}

impl Drop for DnsServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    socket: UdpSocket,
    questions: Arc<Mutex<Vec<(String, RecordType)>>>,
    reply: impl Fn(&str, RecordType) -> Reply,
) {
    let mut buffer = [0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let message = Message::from_vec(&buffer[..length]).unwrap();
        let query = message.queries[0].clone();
        let name = query.name().to_ascii().to_lowercase();
        questions.lock().unwrap().push((name.clone(), query.query_type()));
        if let Some(answer) = answer(message, reply(&name, query.query_type())) {
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    }
}

fn answer(message: Message, reply: Reply) -> Option<Message> {
    let name = message.queries[0].name().clone();
    let mut answer = message.into_response();
    match reply {
        Reply::Records(records) => {
            answer.add_answers(records.into_iter().map(|data| Record::from_rdata(name.clone(), 60, data)));
        }
        Reply::NoRecords => {}
        Reply::NoSuchName => answer.metadata.response_code = ResponseCode::NXDomain,
        Reply::Failure => answer.metadata.response_code = ResponseCode::ServFail,
        Reply::Refused => answer.metadata.response_code = ResponseCode::Refused,
        Reply::Silence => return None,
    }
    Some(answer)
}
